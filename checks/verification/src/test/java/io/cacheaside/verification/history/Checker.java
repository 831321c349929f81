package io.cacheaside.verification.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Judges a history.
 *
 * <table>
 * <caption>What has to hold</caption>
 * <tr><td>G1, G2<td>a read is not older than what an invalidation had found committed that returned
 *     normally before the read began; if the read may be answered near, and the invalidation was
 *     made by another process, more than the allowed staleness before, or before the store was
 *     asked for a sign of life that it had given when the read began. A forced read is not older
 *     than what was committed when it began
 * <tr><td>G3<td>see {@link LoadBound}
 * <tr><td>G4<td>every operation of the cache has ended, within its bound, unless its process was
 *     killed
 * <tr><td>G5<td>every read has a value or the source's own failure; and nothing in the process
 *     whose invalidation failed is older than what that had found committed
 * <tr><td>G8<td>every value is one that was written for its key, and not from the future
 * </table>
 *
 * <p>What the documentation excepts, and nothing else, is excepted:
 *
 * <ul>
 *   <li>an update whose primary fails within {@link #LAG} of its end, and is replaced, may be lost:
 *       no update waits for copies;
 *   <li>while a primary that was replaced goes on and does not know it, what is read may be what
 *       that one has; near, for the allowed staleness longer.
 * </ul>
 */
final class Checker {
  /** More than the replicas of a machine are ever behind. */
  static final Duration LAG = Duration.ofSeconds(1);

  /** A wait for another caller's load ends after twice the load timeout; so does all else. */
  static final Duration LONGEST_OPERATION =
      WorkerSettings.LOAD_TIMEOUT.multipliedBy(2).plusSeconds(10);

  private final History history;
  private final List<Violation> violations = new ArrayList<>();

  private Checker(History history) {
    this.history = history;
  }

  static List<Violation> check(History history) {
    Checker checker = new Checker(history);
    Proofs proofs = Proofs.of(history.events());
    for (int key : VersionedSource.keys()) {
      checker.checkReads(key, proofs);
    }
    history.events().stream().filter(Checker::isOfTheCache).forEach(checker::checkEnd);
    checker.violations.addAll(LoadBound.check(history));
    return checker.violations;
  }

  // ---- How old, and exactly what was written (G1, G2, G5, G8) ----------------------------------

  private void checkReads(int key, Proofs proofs) {
    Requirements requirements = Requirements.of(key, history, proofs);
    history.events().stream()
        .filter(event -> event.kind() == Kind.READ && event.key() == key)
        .filter(Event::hasEnded)
        .forEach(read -> checkRead(read, requirements));
  }

  private void checkRead(Event read, Requirements requirements) {
    if (read.outcome() == Outcome.DAMAGED) {
      report("G8", read, read.startNanos(), "a value that was never written");
    } else if (read.outcome() == Outcome.VALUE && read.version() > read.latest()) {
      report("G8", read, read.startNanos(), "a value from the future");
    } else if (!isInASplit(read)) {
      requirements.ofRead(read).stream()
          .filter(required -> isOlder(read, required.version()))
          .findFirst()
          .ifPresent(required -> reportAge(read, required));
    }
  }

  private boolean isInASplit(Event read) {
    long near = read.near() ? WorkerSettings.MAX_STALENESS.toNanos() : 0;
    return history.episodes().stream()
        .anyMatch(episode -> episode.isSplit(read.startNanos() - near, read.endNanos()));
  }

  private static boolean isOlder(Event read, long version) {
    return switch (read.outcome()) {
      case VALUE -> read.version() < version;
      case ABSENT -> !VersionedSource.isAbsentWithin(version, read.latest());
      default -> false;
    };
  }

  private void reportAge(Event read, Requirement required) {
    report(
        required.guarantee(),
        read,
        required.sinceNanos(),
        "older than version %d, which is required because of %s"
            .formatted(required.version(), required.why()));
  }

  // ---- Every operation has ended as it may (G4, G5) --------------------------------------------

  /** A load is a call of the source; one in the background goes on when its read has ended. */
  private static boolean isOfTheCache(Event event) {
    return event.kind() != Kind.LOAD && !event.kind().isInstant();
  }

  private void checkEnd(Event event) {
    if (!event.hasEnded()) {
      require("G4", event, () -> history.wasKilled(event), "has not ended");
      return;
    }
    long tookNanos = event.endNanos() - event.startNanos() - history.stoppedNanos(event);
    require("G4", event, () -> tookNanos <= LONGEST_OPERATION.toNanos(), "has taken too long");
    if (event.kind() == Kind.READ) {
      require("G5", event, () -> isAnswer(event), "no answer and no failure of the source");
    } else {
      require(
          "G5",
          event,
          () -> event.outcome() == Outcome.DONE || event.outcome() == Outcome.STORE_FAILED,
          "neither done nor failed because of the store");
    }
  }

  /** A load that takes too long is one of a process that was stopped, here or elsewhere. */
  private boolean isAnswer(Event read) {
    return switch (read.outcome()) {
      case VALUE, ABSENT, SOURCE_FAILED, DAMAGED -> true;
      case TIMED_OUT ->
          history.episodes().stream()
              .filter(episode -> episode.fault() == Fault.STOP_CLIENT)
              .anyMatch(episode -> episode.overlaps(read.startNanos(), read.endNanos()));
      case NONE, DONE, STORE_FAILED, UNEXPECTED -> false;
    };
  }

  private void require(String guarantee, Event event, BooleanSupplier condition, String otherwise) {
    if (!condition.getAsBoolean()) {
      report(guarantee, event, event.startNanos(), otherwise);
    }
  }

  private void report(String guarantee, Event event, long sinceNanos, String what) {
    long toNanos = event.hasEnded() ? event.endNanos() : event.startNanos();
    violations.add(
        new Violation(
            guarantee,
            "%s: %s\n%s"
                .formatted(
                    event.summary(),
                    what,
                    history.timeline(
                        event.key(), Math.min(sinceNanos, event.startNanos()), toNanos, event))));
  }

  /** The least version that a read may return, because of what happened at some time. */
  private record Requirement(String guarantee, long version, long sinceNanos, String why) {}

  /** Everything that requires a least version of one key. */
  private record Requirements(
      Proofs proofs,
      Steps everywhere,
      List<Steps> here,
      List<Steps> failedHere,
      List<Integer> places) {

    static Requirements of(int key, History history, Proofs proofs) {
      List<Event> invalidations =
          history.events().stream()
              .filter(event -> event.key() == key && event.kind().isInvalidation())
              .filter(Event::hasEnded)
              .filter(event -> !mayBeLost(event, history.episodes()))
              .toList();
      List<Integer> places = invalidations.stream().map(Requirements::place).distinct().toList();
      return new Requirements(
          proofs,
          Steps.of(done(invalidations.stream())),
          places.stream().map(place -> Steps.of(done(at(place, invalidations)))).toList(),
          places.stream().map(place -> Steps.of(failed(at(place, invalidations)))).toList(),
          places);
    }

    private static boolean mayBeLost(Event event, Collection<Episode> episodes) {
      return event.kind() == Kind.UPDATE
          && episodes.stream()
              .filter(episode -> episode.lost().contains(event.key()))
              .anyMatch(
                  episode ->
                      event.overlaps(episode.beginNanos() - LAG.toNanos(), episode.endNanos()));
    }

    /** One life of one process. */
    private static int place(Event event) {
      return event.process() * 10_000 + event.life();
    }

    private static Stream<Event> at(int place, List<Event> events) {
      return events.stream().filter(event -> place(event) == place);
    }

    private static Stream<Event> done(Stream<Event> events) {
      return events.filter(event -> event.outcome() == Outcome.DONE);
    }

    private static Stream<Event> failed(Stream<Event> events) {
      return events.filter(event -> event.outcome() == Outcome.STORE_FAILED);
    }

    List<Requirement> ofRead(Event read) {
      boolean near = read.near() && read.manner().acceptsNear();
      long stalenessNanos = WorkerSettings.MAX_STALENESS.toNanos();
      List<Requirement> all = new ArrayList<>();
      long knownNanos =
          near
              ? Math.max(proofs.lastBefore(read), read.startNanos() - stalenessNanos)
              : read.startNanos();
      everywhere.before(knownNanos, near ? "G2" : "G1", all);
      int place = places.indexOf(place(read));
      if (place >= 0) {
        here.get(place).before(read.startNanos(), "G1", all);
        failedHere.get(place).before(read.startNanos(), "G5", all);
      }
      if (read.manner() == Manner.FORCED) {
        all.add(new Requirement("G1", read.committed(), read.startNanos(), "its being forced"));
      }
      return all;
    }
  }

  /** Since when a process had been told of all that changed, by place: asked when, by answers. */
  private record Proofs(Map<Integer, TreeMap<Long, Long>> askedNanos) {

    static Proofs of(List<Event> events) {
      Map<Integer, TreeMap<Long, Long>> asked = new HashMap<>();
      events.stream()
          .filter(event -> event.kind() == Kind.PROOF && event.outcome() == Outcome.DONE)
          .forEach(
              proof ->
                  asked
                      .computeIfAbsent(Requirements.place(proof), place -> new TreeMap<>())
                      .merge(proof.endNanos(), proof.startNanos(), Math::max));
      return new Proofs(asked);
    }

    /** Returns when the last proof was asked for that had been given before a read began. */
    long lastBefore(Event read) {
      TreeMap<Long, Long> answers = askedNanos.get(Requirements.place(read));
      Map.Entry<Long, Long> last = answers == null ? null : answers.lowerEntry(read.startNanos());
      return last == null ? Long.MIN_VALUE : last.getValue();
    }
  }

  /** Invalidations in the order of their ends, and the newest version of those so far. */
  private record Steps(long[] endNanos, List<Event> newest) {

    static Steps of(Stream<Event> invalidations) {
      List<Event> sorted = invalidations.sorted(Comparator.comparingLong(Event::endNanos)).toList();
      List<Event> newest = new ArrayList<>();
      for (Event event : sorted) {
        Event last = newest.isEmpty() ? event : newest.get(newest.size() - 1);
        newest.add(event.committed() > last.committed() ? event : last);
      }
      return new Steps(sorted.stream().mapToLong(Event::endNanos).toArray(), newest);
    }

    /** Adds what is required of a read by what had ended before a moment. */
    void before(long nanos, String guarantee, List<Requirement> into) {
      int found = Arrays.binarySearch(endNanos, nanos);
      int count = found < 0 ? -found - 1 : found;
      while (count > 0 && endNanos[count - 1] >= nanos) {
        count--;
      }
      if (count > 0) {
        Event event = newest.get(count - 1);
        into.add(
            new Requirement(guarantee, event.committed(), event.startNanos(), event.summary()));
      }
    }
  }
}
