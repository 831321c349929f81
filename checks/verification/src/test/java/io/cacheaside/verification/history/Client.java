package io.cacheaside.verification.history;

import io.cacheaside.BulkLoadException;
import io.cacheaside.CacheAside;
import io.cacheaside.CacheStats;
import io.cacheaside.store.Store;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One thread of a worker that reads and writes at random through one face of the cache, and notes
 * what it does in the journal.
 */
final class Client implements Runnable {
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
  private static final long[] LOAD_NANOS = {
    TimeUnit.MILLISECONDS.toNanos(1),
    TimeUnit.MILLISECONDS.toNanos(1),
    TimeUnit.MILLISECONDS.toNanos(10),
    TimeUnit.MILLISECONDS.toNanos(20)
  };
  private static final long SLOW_LOAD_NANOS = TimeUnit.MILLISECONDS.toNanos(700);

  private static final int READS_PER_PROOF = 20;

  private final int thread;
  private final Face face;
  private final int atOnce;
  private final Tools tools;
  private final VersionedSource source;
  private final Journal journal;
  private final SplittableRandom random;
  private final List<CompletableFuture<?>> underWay = new ArrayList<>();

  /** What all clients of a worker work with. */
  record Tools(
      WorkerSettings settings,
      Store store,
      CacheAside<String, String> cache,
      VersionedSource source,
      Journal journal,
      BooleanSupplier ended) {}

  /**
   * @param atOnce how many operations are begun before the end of all of them is waited for
   */
  Client(int thread, Face face, int atOnce, Tools tools, SplittableRandom random) {
    this.thread = thread;
    this.face = face;
    this.atOnce = atOnce;
    this.tools = tools;
    this.source = tools.source();
    this.journal = tools.journal();
    this.random = random;
  }

  @Override
  public void run() {
    switch (tools.settings().mix()) {
      case EVERYTHING -> doEverything();
      case WRITES -> write(tools.settings().rounds());
      case READS -> read();
    }
  }

  private void doEverything() {
    while (!tools.ended().getAsBoolean()) {
      for (int i = 0; i < atOnce; i++) {
        underWay.add(step(random.nextInt(VersionedSource.KEYS)));
      }
      underWay.forEach(Client::await);
      underWay.clear();
      LockSupport.parkNanos(random.nextLong(LONGEST_PAUSE_NANOS));
    }
  }

  private static void await(CompletableFuture<?> stage) {
    stage.handle((value, failure) -> failure).join();
  }

  private void write(long rounds) {
    for (long round = 0; round < rounds; round++) {
      int key = (int) (round % VersionedSource.KEYS);
      await(random.nextBoolean() ? update(key) : invalidate(key));
    }
  }

  private void read() {
    for (int i = 0; !tools.ended().getAsBoolean(); i++) {
      await(read(i % VersionedSource.KEYS, Manner.PLAIN));
      if (i % READS_PER_PROOF == 0) {
        await(prove());
      }
    }
  }

  private CompletableFuture<?> step(int key) {
    int dice = random.nextInt(1000);
    if (dice < 820) {
      return read(key, Manner.PLAIN);
    } else if (dice < 870) {
      return read(key, Manner.STRICT);
    } else if (dice < 880) {
      return read(key, Manner.SHORT_LIVED);
    } else if (dice < 885) {
      return read(key, Manner.FORCED);
    } else if (dice < 940) {
      return readAll();
    } else if (dice < 950) {
      return prove();
    } else {
      return change(Math.min(key, random.nextInt(VersionedSource.KEYS)), dice);
    }
  }

  /** Changes a key; the last one is changed seldom, so that its value is near for longer. */
  private CompletableFuture<?> change(int key, int dice) {
    if (dice < 968) {
      return invalidate(key);
    } else if (dice < 978) {
      return writeThenInvalidate(key);
    } else if (dice < 988) {
      return update(key);
    } else if (dice < 994) {
      return write(Kind.MARK_STALE, List.of(key), () -> face.markStale(name(key)));
    } else if (dice < 999) {
      String tag = Worker.tagOf(name(key));
      List<Integer> tagged =
          VersionedSource.keys().stream()
              .filter(other -> Worker.tagOf(name(other)).equals(tag))
              .toList();
      tagged.forEach(source::commit);
      return write(Kind.INVALIDATE_TAG, tagged, () -> face.invalidateTag(tag));
    } else {
      VersionedSource.keys().forEach(source::commit);
      return write(Kind.CLEAR, VersionedSource.keys(), face::clear);
    }
  }

  private static String name(int key) {
    return VersionedSource.nameOf(key);
  }

  // ---- Reading --------------------------------------------------------------------------------

  private CompletableFuture<?> read(int key, Manner manner) {
    int at = begin(Kind.READ, key, manner);
    Asked asked = new Asked(journal.startNanos(at), tools.cache().stats());
    return face.get(name(key), manner.options(), any -> load(key, manner, asked))
        .whenComplete((value, failure) -> endRead(at, key, value, failure));
  }

  private int begin(Kind kind, int key, Manner manner) {
    return journal.begin(kind, key, manner, thread, source.version(key));
  }

  private void endRead(int at, int key, @Nullable String value, @Nullable Throwable failure) {
    long latest = source.version(key);
    if (failure != null) {
      journal.end(at, outcomeOf(failure), 0, latest);
    } else if (value == null) {
      journal.end(at, Outcome.ABSENT, 0, latest);
    } else {
      long version = VersionedSource.versionOf(key, value);
      boolean damaged = version == VersionedSource.DAMAGED;
      journal.end(at, damaged ? Outcome.DAMAGED : Outcome.VALUE, version, latest);
    }
  }

  private static Outcome outcomeOf(Throwable failure) {
    Outcome outcome = Outcome.of(failure);
    if (outcome == Outcome.UNEXPECTED) {
      failure.printStackTrace();
    }
    return outcome;
  }

  private CompletableFuture<?> readAll() {
    Map<Integer, Integer> places = new HashMap<>();
    VersionedSource.keys().forEach(key -> places.put(key, begin(Kind.READ, key, Manner.PLAIN)));
    Asked asked =
        new Asked(journal.startNanos(Objects.requireNonNull(places.get(0))), tools.cache().stats());
    List<String> names = VersionedSource.keys().stream().map(VersionedSource::nameOf).toList();
    return face.getAll(names, missing -> loadAll(missing, asked))
        .whenComplete((values, failure) -> endReads(places, values, failure));
  }

  private void endReads(
      Map<Integer, Integer> places,
      @Nullable Map<String, String> values,
      @Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    places.forEach(
        (key, at) -> {
          if (values != null) {
            endRead(at, key, values.get(name(key)), null);
          } else if (cause instanceof BulkLoadException bulk) {
            Object value = bulk.values().get(name(key));
            endRead(at, key, (String) value, bulk.failures().get(name(key)));
          } else {
            endRead(at, key, null, cause);
          }
        });
  }

  /** When a read began, and what had been counted by then. */
  private record Asked(long nanos, CacheStats before) {
    boolean mayBeAround(CacheStats now) {
      return now.storeSkips() > before.storeSkips()
          || now.unconfirmedInvalidations() > 0
          || before.unconfirmedInvalidations() > 0;
    }
  }

  // ---- Loading, on whatever thread ------------------------------------------------------------

  private @Nullable String load(int key, Manner manner, Asked asked) {
    return load(List.of(key), manner, asked).get(name(key));
  }

  private Map<String, String> loadAll(Set<String> names, Asked asked) {
    List<Integer> keys = names.stream().map(VersionedSource::keyOf).toList();
    return load(keys, Manner.PLAIN, asked);
  }

  /** Returns what the source has, or fails, for all keys alike. */
  private Map<String, String> load(List<Integer> keys, Manner manner, Asked asked) {
    if (asked.mayBeAround(tools.cache().stats())) {
      journal.note(Kind.AROUND);
    }
    List<Integer> places =
        keys.stream().map(key -> journal.beginLoad(key, manner, thread, asked.nanos())).toList();
    boolean takesTime = tools.settings().mix() == Mix.EVERYTHING;
    pause(takesTime);
    List<Long> versions = keys.stream().map(source::version).toList();
    pause(takesTime);
    if (takesTime && ThreadLocalRandom.current().nextInt(100) == 0) {
      places.forEach(at -> journal.end(at, Outcome.SOURCE_FAILED, 0, 0));
      throw new SourceFailure();
    }
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      String value = VersionedSource.valueOf(keys.get(i), versions.get(i));
      journal.end(
          places.get(i), value == null ? Outcome.ABSENT : Outcome.VALUE, versions.get(i), 0);
      if (value != null) {
        values.put(name(keys.get(i)), value);
      }
    }
    return values;
  }

  /** Takes the time of a source: as a rule next to none, sometimes more than a lease lasts. */
  private static void pause(boolean takesTime) {
    if (!takesTime) {
      return;
    }
    ThreadLocalRandom dice = ThreadLocalRandom.current();
    long longest =
        dice.nextInt(100) == 0 ? SLOW_LOAD_NANOS : LOAD_NANOS[dice.nextInt(LOAD_NANOS.length)];
    long end = System.nanoTime() + dice.nextLong(longest);
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  // ---- Writing --------------------------------------------------------------------------------

  private CompletableFuture<?> write(
      Kind kind, List<Integer> keys, Supplier<CompletableFuture<?>> change) {
    List<Integer> places = keys.stream().map(key -> begin(kind, key, Manner.PLAIN)).toList();
    return change
        .get()
        .whenComplete(
            (done, failure) ->
                places.forEach(
                    at ->
                        journal.end(
                            at, failure == null ? Outcome.DONE : outcomeOf(failure), 0, 0)));
  }

  private CompletableFuture<?> invalidate(int key) {
    source.commit(key);
    return write(Kind.INVALIDATE, List.of(key), () -> face.invalidate(name(key)));
  }

  /** Asks the store for a sign of life: the answer comes after all that it has told before. */
  private CompletableFuture<?> prove() {
    return write(Kind.PROOF, List.of(0), () -> tools.store().ping().toCompletableFuture());
  }

  /** What it requires is what was committed before the invalidation: at least the write itself. */
  private CompletableFuture<?> writeThenInvalidate(int key) {
    int[] at = new int[1];
    return face.writeThenInvalidate(
            name(key),
            () -> {
              long version = source.commit(key);
              at[0] = begin(Kind.WRITE_THEN_INVALIDATE, key, Manner.PLAIN);
              return version;
            })
        .whenComplete(
            (done, failure) ->
                journal.end(at[0], failure == null ? Outcome.DONE : outcomeOf(failure), 0, 0));
  }

  /** Puts what was written in the place of anything older; what was written later stays. */
  private CompletableFuture<?> update(int key) {
    long version = source.commit(key);
    String value = VersionedSource.valueOf(key, version);
    if (value == null) {
      return write(Kind.INVALIDATE, List.of(key), () -> face.invalidate(name(key)));
    }
    int at = journal.begin(Kind.UPDATE, key, Manner.PLAIN, thread, version);
    return face.update(
            name(key), old -> VersionedSource.versionOf(key, old) < version ? value : old)
        .whenComplete(
            (done, failure) ->
                journal.end(at, failure == null ? Outcome.DONE : outcomeOf(failure), 0, 0));
  }
}
