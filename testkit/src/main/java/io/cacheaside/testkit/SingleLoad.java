package io.cacheaside.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Callers that all ask for one key, while the first load is held until they all wait. */
final class SingleLoad<K, V> {

  private static final Duration PAUSE = Duration.ofMillis(2);
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** How long all must wait: who does so for an answer of a server goes on before. */
  private static final Duration SETTLED = Duration.ofMillis(100);

  private final K key;
  private final V value;
  private final AtomicInteger loads = new AtomicInteger();
  private final CountDownLatch release = new CountDownLatch(1);
  private final Timeline timeline = new Timeline();
  private final Crew<@Nullable V> callers = new Crew<>();

  SingleLoad(K key, V value) {
    this.key = key;
    this.value = value;
  }

  void run(int count, List<CacheUnderTest<K, V>> caches) {
    for (int i = 0; i < count; i++) {
      CacheUnderTest<K, V> cache = caches.get(i % caches.size());
      callers.add("caller-" + (i + 1), () -> cache.get(key, this::load));
    }
    try {
      callers.begin();
      awaitAll();
      release.countDown();
      check(callers.results());
    } finally {
      release.countDown();
      callers.end();
    }
  }

  private V load(K asked) {
    timeline.add("begins load " + loads.incrementAndGet() + " of " + asked);
    try {
      release.await();
    } catch (InterruptedException e) {
      throw Crew.interrupted(e);
    }
    return value;
  }

  /** Returns as soon as there is one load too many, or all have waited for a while. */
  private void awaitAll() {
    long start = System.nanoTime();
    long busy = start;
    long now = start;
    while (loads.get() < 2 && now - busy < SETTLED.toNanos() && now - start < LIMIT.toNanos()) {
      LockSupport.parkNanos(PAUSE.toNanos());
      now = System.nanoTime();
      busy = callers.allWait() ? busy : now;
    }
  }

  private void check(List<? extends @Nullable V> results) {
    if (loads.get() != 1) {
      throw new AssertionError(
          results.size()
              + " callers caused "
              + loads
              + " loads of "
              + key
              + ", not one:\n"
              + timeline);
    }
    for (V result : results) {
      if (!Objects.equals(result, value)) {
        throw new AssertionError("A caller got " + result + " and not " + value + ":\n" + timeline);
      }
    }
  }
}
