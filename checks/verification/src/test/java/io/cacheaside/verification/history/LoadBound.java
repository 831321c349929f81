package io.cacheaside.verification.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How often the source may be read (G3): in any span of time in which the store works, a key is
 * loaded at most once, and once more for each event that takes away its value or the lease of its
 * load, or allows a load of its own, and that has to do with that span.
 *
 * <p>These events are: an invalidation, an update or a mark as stale; a load that failed, whose
 * result nobody has; one whose result is cached for a short time only; a forced read; a flush; a
 * worker that is killed or stopped, twice, because it may have had a lease and a refresh lease; an
 * operation that the store failed after all, after which one caller reads around the cache; a load
 * around the cache, because the worker does not ask the store for the moment, or has an
 * invalidation that is not confirmed; and such an invalidation that is repeated. What ends the ids
 * that entries depend on, by a tag, a clear or a flush, counts twice, though it removes one id of
 * each key (the workers' loaders name no tags): where several readers replace what has become
 * outdated, one to whom others were faster three times reads around the cache. A refresh in the
 * background is not counted if another load was stored during its read, whose value then looks as
 * old as its lease.
 *
 * <p>A load belongs to a span if the read that it is for began in it, and the load as well: then so
 * did what allowed it. An event has to do with a span if it overlaps it. While a fault keeps
 * workers from the store, and until all have reached it again, nothing is checked: there are no
 * leases. Neither while servers evict, since nobody can tell how often they take a lease.
 */
final class LoadBound {
  private static final int TAKEN_BY_A_WORKER = 2;
  private static final int ALLOWED_BY_AN_ID = 2;

  /** With the wait for copies, twice, as the documentation says. */
  private static final Duration LONGEST_COMMAND =
      WorkerSettings.COMMAND_TIMEOUT.plus(WorkerSettings.COPY_TIMEOUT).multipliedBy(2);

  private final History history;

  private final Map<Long, Event> reads = new HashMap<>();
  private final List<List<Long>> loadEndsNanos =
      VersionedSource.keys().stream().map(key -> (List<Long>) new ArrayList<Long>()).toList();

  private LoadBound(History history) {
    this.history = history;
    for (Event event : history.events()) {
      if (event.kind() == Kind.READ) {
        reads.put(event.startNanos(), event);
      } else if (event.kind() == Kind.LOAD && event.hasEnded()) {
        loadEndsNanos.get(event.key()).add(event.endNanos());
      }
    }
  }

  /** A time in which the store works. */
  record Span(long fromNanos, long toNanos) {}

  static List<Violation> check(History history) {
    LoadBound bound = new LoadBound(history);
    List<Violation> violations = new ArrayList<>();
    for (Span span : bound.spans()) {
      VersionedSource.keys().forEach(key -> bound.check(key, span, violations));
    }
    return violations;
  }

  /** The times between those in which the store does not work, for everybody. */
  List<Span> spans() {
    List<Span> spans = new ArrayList<>();
    long fromNanos = history.beginNanos();
    for (Episode episode : history.episodes()) {
      if (!episode.fault().storeWorks()) {
        spans.add(new Span(fromNanos, episode.beginNanos()));
        fromNanos = episode.settledNanos();
      }
    }
    spans.add(new Span(fromNanos, history.endNanos()));
    return spans;
  }

  private void check(int key, Span span, List<Violation> into) {
    List<Event> loads =
        history.events().stream()
            .filter(event -> event.kind() == Kind.LOAD && event.key() == key)
            .filter(load -> load.askedNanos() >= span.fromNanos())
            .filter(load -> load.startNanos() <= span.toNanos())
            .filter(load -> !isOfAMisjudgedValue(load))
            .sorted(Comparator.comparingLong(Event::startNanos))
            .toList();
    Reasons reasons = reasons(key);
    for (Event first : loads) {
      int within = 0;
      for (Event load : loads) {
        if (load.askedNanos() < first.askedNanos()) {
          continue;
        }
        within++;
        int allowed = 1 + reasons.within(first.askedNanos(), load.startNanos());
        if (within > allowed) {
          into.add(violation(key, first, load, within, allowed));
          return;
        }
      }
    }
  }

  /**
   * Returns whether a load may refresh a value whose age was misjudged: the time that is left to it
   * is read right before it, and may be that of the lease which it has just replaced. Such a load
   * is in the background, for a read that was answered, and during which another load was stored.
   */
  private boolean isOfAMisjudgedValue(Event load) {
    Event read = reads.get(load.askedNanos());
    return read != null
        && read.isOf(load)
        && read.hasEnded()
        && read.endNanos() < load.startNanos()
        && loadEndsNanos.get(load.key()).stream()
            .anyMatch(
                endNanos ->
                    endNanos >= read.startNanos() - WorkerSettings.COMMAND_TIMEOUT.toNanos()
                        && endNanos <= read.endNanos());
  }

  private Violation violation(int key, Event first, Event last, int loads, int allowed) {
    return new Violation(
        "G3",
        "%d loads of %s in %.3f ms, and %d are allowed\n%s"
            .formatted(
                loads,
                VersionedSource.nameOf(key),
                (last.startNanos() - first.askedNanos()) / 1e6,
                allowed,
                history.timeline(key, first.askedNanos(), last.startNanos(), null)));
  }

  private Reasons reasons(int key) {
    Reasons.Builder reasons = new Reasons.Builder();
    history.events().stream()
        .filter(event -> event.kind().isInstant() || event.key() == key)
        .filter(LoadBound::allowsALoad)
        .forEach(event -> reasons.add(firstNanos(event), lastNanos(event), allowed(event)));
    history
        .episodes()
        .forEach(episode -> reasons.add(episode.beginNanos(), episode.endNanos(), taken(episode)));
    return reasons.build();
  }

  private static int allowed(Event event) {
    boolean outdates = event.kind() == Kind.INVALIDATE_TAG || event.kind() == Kind.CLEAR;
    return outdates ? ALLOWED_BY_AN_ID : 1;
  }

  private static boolean allowsALoad(Event event) {
    return switch (event.kind()) {
      case PROOF -> false;
      case READ -> event.manner() == Manner.FORCED;
      case LOAD -> event.outcome() == Outcome.SOURCE_FAILED || event.manner() == Manner.SHORT_LIVED;
      case INVALIDATE,
          WRITE_THEN_INVALIDATE,
          INVALIDATE_TAG,
          CLEAR,
          UPDATE,
          MARK_STALE,
          STORE_FAILURE,
          REPLAY,
          AROUND ->
          true;
    };
  }

  /** What failed in the end, or was repeated, may have been executed since it was sent. */
  private static long firstNanos(Event event) {
    return event.kind() == Kind.STORE_FAILURE || event.kind() == Kind.REPLAY
        ? event.startNanos() - LONGEST_COMMAND.toNanos()
        : event.startNanos();
  }

  /** What was under way in a process that was killed ended with it. */
  private long lastNanos(Event event) {
    return event.hasEnded() ? event.endNanos() : history.killedNanos(event);
  }

  private static int taken(Episode episode) {
    return switch (episode.fault()) {
      case KILL_CLIENT, STOP_CLIENT -> TAKEN_BY_A_WORKER;
      case FLUSH -> ALLOWED_BY_AN_ID;
      default -> 0;
    };
  }

  /** What allows loads, by beginning and end. */
  private record Reasons(long[] beginsNanos, long[] endsNanos) {

    /** Returns how many have to do with a span. */
    int within(long fromNanos, long toNanos) {
      return countUpTo(beginsNanos, toNanos) - countUpTo(endsNanos, fromNanos - 1);
    }

    private static int countUpTo(long[] sorted, long nanos) {
      int low = 0;
      for (int high = sorted.length; low < high; ) {
        int middle = (low + high) >>> 1;
        if (sorted[middle] <= nanos) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }

    private static final class Builder {
      private final List<Long> begins = new ArrayList<>();
      private final List<Long> ends = new ArrayList<>();

      void add(long beginNanos, long endNanos, int count) {
        for (int i = 0; i < count; i++) {
          begins.add(beginNanos);
          ends.add(endNanos);
        }
      }

      Reasons build() {
        return new Reasons(sorted(begins), sorted(ends));
      }

      private static long[] sorted(List<Long> times) {
        long[] sorted = times.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return sorted;
      }
    }
  }
}
