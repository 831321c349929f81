package io.cacheaside.testkit;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Readers and writers of one key. Every second load comes back only after the next invalidation has
 * returned, with what it had read before.
 */
final class InvalidationRace<K, V> {

  private static final int READERS = 4;
  private static final int WRITERS = 2;

  /**
   * Longer than a commit and an invalidation take; a cache that lets them wait for loads ends it.
   */
  private static final Duration HELD = Duration.ofMillis(50);

  private final K key;
  private final IntFunction<V> values;
  private final List<CacheUnderTest<K, V>> caches;
  private final Timeline timeline = new Timeline();
  private final Crew<Boolean> crew = new Crew<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<V, Integer> versions = new HashMap<>();
  private int committed;
  private int invalidated;
  private int invalidations;
  private int loads;
  private int newestRead;
  private int writesLeft;
  private boolean failed;

  InvalidationRace(K key, IntFunction<V> values, List<CacheUnderTest<K, V>> caches) {
    this.key = key;
    this.values = values;
    this.caches = caches;
    versions.put(values.apply(0), 0);
  }

  void run(int writes) {
    writesLeft = writes;
    for (int i = 0; i < READERS; i++) {
      CacheUnderTest<K, V> cache = caches.get(i % caches.size());
      crew.add("reader-" + (i + 1), () -> failingAll(() -> readAll(cache)));
    }
    for (int i = 0; i < WRITERS; i++) {
      CacheUnderTest<K, V> cache = caches.get(i % caches.size());
      crew.add("writer-" + (i + 1), () -> failingAll(() -> writeAll(cache)));
    }
    try {
      crew.begin();
      crew.results();
    } finally {
      crew.end();
    }
  }

  /** Does what all the others end with, too, if it fails. */
  private boolean failingAll(Callable<Boolean> work) throws Exception {
    boolean succeeded = false;
    try {
      succeeded = work.call();
      return succeeded;
    } finally {
      if (!succeeded) {
        fail();
      }
    }
  }

  private void fail() {
    lock.lock();
    try {
      failed = true;
    } finally {
      lock.unlock();
    }
  }

  private boolean readAll(CacheUnderTest<K, V> cache) throws Exception {
    boolean isLast;
    do {
      isLast = !goesOn();
      int least = beginRead();
      endRead(least, cache.get(key, this::load));
    } while (!isLast);
    return true;
  }

  private boolean goesOn() {
    lock.lock();
    try {
      return !failed && (writesLeft > 0 || invalidated < committed);
    } finally {
      lock.unlock();
    }
  }

  private int beginRead() {
    lock.lock();
    try {
      timeline.add("begins a read, which may return version " + invalidated + " or a newer one");
      return invalidated;
    } finally {
      lock.unlock();
    }
  }

  private void endRead(int least, @Nullable V value) {
    lock.lock();
    try {
      Integer version = value == null ? null : versions.get(value);
      timeline.add(version == null ? "has read " + value : "has read version " + version);
      if (version == null || version < least) {
        throw new AssertionError(
            "A read of "
                + key
                + " returned "
                + value
                + ", although the invalidation of version "
                + least
                + ", "
                + values.apply(least)
                + ", had returned before it began:\n"
                + timeline);
      }
      newestRead = Math.max(newestRead, version);
      changed.signalAll();
      await(() -> version < committed || failed || writesLeft == 0);
    } finally {
      lock.unlock();
    }
  }

  private V load(K asked) {
    lock.lock();
    try {
      int version = committed;
      boolean held = ++loads % 2 == 1;
      timeline.add("loads version " + version + (held ? ", held" : ""));
      if (held) {
        int before = invalidations;
        await(() -> invalidations > before);
        timeline.add("comes back from the source with version " + version);
      }
      return values.apply(version);
    } finally {
      lock.unlock();
    }
  }

  private boolean writeAll(CacheUnderTest<K, V> cache) throws Exception {
    for (int version = commit(); version > 0; version = commit()) {
      cache.invalidate(key);
      confirm(version);
    }
    return true;
  }

  /** Returns the version that was written, 0 if none was. */
  private int commit() {
    lock.lock();
    try {
      await(() -> newestRead >= committed - 1);
      if (failed || writesLeft == 0) {
        return 0;
      }
      writesLeft--;
      versions.put(values.apply(committed + 1), committed + 1);
      committed++;
      timeline.add("commits version " + committed + " and invalidates");
      changed.signalAll();
      return committed;
    } finally {
      lock.unlock();
    }
  }

  private void confirm(int version) {
    lock.lock();
    try {
      invalidated = Math.max(invalidated, version);
      invalidations++;
      timeline.add("sees the invalidation of version " + version + " return");
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a condition, not for ever: what keeps it from coming true may be right. */
  private void await(BooleanSupplier condition) {
    try {
      long nanos = HELD.toNanos();
      while (!condition.getAsBoolean() && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      throw Crew.interrupted(e);
    }
  }
}
