package io.cacheaside.testkit;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A source of truth in memory that is as slow as a database, counts what is asked of it, and can be
 * held or made to fail: what a cache's loader reads in tests and demonstrations.
 *
 * <p><b>Time.</b> A read takes its value and a write takes effect when the call <em>arrives</em>;
 * then the latency passes, on the way back. So a value that a read returns may be outdated by then,
 * as with a real database, and a test can build each race step by step, without sleeping:
 *
 * <pre>{@code
 * SlowSource<String, String> source = new SlowSource<String, String>().with("k", "old");
 * CacheAside<String, String> cache = CacheAside.builder("test", Codec.string()).build();
 *
 * source.pause();
 * var reader = CompletableFuture.supplyAsync(() -> cache.get("k", source::get));
 * source.awaitWaiting(1, Duration.ofSeconds(5));   // has read "old", on its way back
 *
 * source.update("k", "new");
 * cache.invalidate("k");
 * source.resume();
 * reader.join();
 * assertThat(cache.get("k", source::get)).isEqualTo("new");
 * }</pre>
 *
 * <p>Thread-safe. Keys and values are never null.
 *
 * @param <K> keys, with {@code equals} and {@code hashCode}
 * @param <V> values, returned as they were given
 */
public final class SlowSource<K, V> {

  /** Lets time pass; {@link Thread#sleep(long)} by default. */
  @FunctionalInterface
  public interface Sleeper {

    /** Returns after {@code duration}, which is never zero or negative. */
    void sleep(Duration duration) throws InterruptedException;
  }

  private static final Duration DEFAULT_LATENCY = Duration.ofMillis(100);

  private final Duration latency;
  private final Sleeper sleeper;
  private final Map<K, V> values = new ConcurrentHashMap<>();
  private final Count<K> reads = new Count<>();
  private final Count<K> updates = new Count<>();
  private final Count<K> deletes = new Count<>();
  private final AtomicLong bulkReads = new AtomicLong();
  private final AtomicInteger concurrentReads = new AtomicInteger();
  private final AtomicInteger maxConcurrentReads = new AtomicInteger();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean paused;
  private long resumes;
  private int waiting;
  private int failuresLeft;
  private @Nullable RuntimeException failure;

  /** An empty source with a latency of 100 ms. */
  public SlowSource() {
    this(DEFAULT_LATENCY);
  }

  /** An empty source with a latency of its own; zero for none. */
  public SlowSource(Duration latency) {
    this(latency, duration -> TimeUnit.NANOSECONDS.sleep(duration.toNanos()));
  }

  /**
   * An empty source whose latency passes as {@code sleeper} says.
   *
   * @throws IllegalArgumentException {@code latency} is negative
   */
  public SlowSource(Duration latency, Sleeper sleeper) {
    if (latency.isNegative()) {
      throw new IllegalArgumentException("latency must not be negative: " + latency);
    }
    this.latency = latency;
    this.sleeper = sleeper;
  }

  /** Sets a value at once, uncounted: for what is there before the test begins. Returns this. */
  public SlowSource<K, V> with(K key, V value) {
    values.put(Objects.requireNonNull(key), Objects.requireNonNull(value));
    return this;
  }

  /**
   * Reads one value, blocking for the latency and while reads are {@linkplain #pause() paused}.
   *
   * @return null if the source has nothing for {@code key}
   * @throws RuntimeException as {@link #failNextReads} says
   * @throws IllegalStateException interrupted while blocked (the flag stays set)
   */
  public @Nullable V get(K key) {
    reads.add(key);
    V value = values.get(key);
    returnRead();
    return value;
  }

  /**
   * Reads many values in one go: one latency, one failure, one {@linkplain #bulkReads() bulk read},
   * and one {@linkplain #reads(Object) read} of each key. Otherwise as {@link #get}.
   *
   * @return the values that are there
   */
  public Map<K, V> getAll(Collection<? extends K> keys) {
    bulkReads.incrementAndGet();
    Map<K, V> found = new HashMap<>();
    for (K key : keys) {
      reads.add(key);
      V value = values.get(key);
      if (value != null) {
        found.put(key, value);
      }
    }
    returnRead();
    return found;
  }

  private void returnRead() {
    RuntimeException failing = nextFailure();
    maxConcurrentReads.accumulateAndGet(concurrentReads.incrementAndGet(), Math::max);
    try {
      awaitResume();
      passLatency();
    } finally {
      concurrentReads.decrementAndGet();
    }
    if (failing != null) {
      throw failing;
    }
  }

  /** Writes a value, whether or not there was one, and blocks for the latency. */
  public void update(K key, V value) {
    updates.add(key);
    with(key, value);
    passLatency();
  }

  /**
   * Deletes a value and blocks for the latency.
   *
   * @return whether there was one
   */
  public boolean delete(K key) {
    deletes.add(key);
    boolean existed = values.remove(key) != null;
    passLatency();
    return existed;
  }

  private void passLatency() {
    if (latency.isZero()) {
      return;
    }
    try {
      sleeper.sleep(latency);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Keeps reads that arrive from now on from returning, until {@link #resume()}. Writes go on. */
  public void pause() {
    lock.lock();
    try {
      paused = true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Lets all held reads return, with the values they took when they arrived, also if reads are
   * paused again at once.
   */
  public void resume() {
    lock.lock();
    try {
      paused = false;
      resumes++;
      waiting = 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void awaitResume() {
    lock.lock();
    try {
      if (paused) {
        waiting++;
        changed.signalAll();
        awaitNextResume();
      }
    } finally {
      lock.unlock();
    }
  }

  private void awaitNextResume() {
    long arrival = resumes;
    try {
      while (resumes == arrival) {
        changed.await();
      }
    } catch (InterruptedException e) {
      waiting -= resumes == arrival ? 1 : 0;
      throw interrupted(e);
    }
  }

  /**
   * Blocks until at least {@code count} reads are held by {@link #pause()}.
   *
   * @throws AssertionError fewer are after {@code timeout}
   * @throws IllegalStateException interrupted (the flag stays set)
   */
  public void awaitWaiting(int count, Duration timeout) {
    lock.lock();
    try {
      long nanos = timeout.toNanos();
      while (waiting < count) {
        if (nanos <= 0) {
          throw new AssertionError(waiting + " of " + count + " reads wait after " + timeout);
        }
        nanos = changed.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    } finally {
      lock.unlock();
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted in the source", e);
  }

  /**
   * Makes the next {@code count} reads throw {@code failure}, this very object, after their
   * latency. Replaces what an earlier call left over; 0 ends it.
   */
  public void failNextReads(int count, RuntimeException failure) {
    lock.lock();
    try {
      this.failuresLeft = count;
      this.failure = failure;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable RuntimeException nextFailure() {
    lock.lock();
    try {
      return failuresLeft > 0 && failuresLeft-- > 0 ? failure : null;
    } finally {
      lock.unlock();
    }
  }

  /** How many keys were asked for, one by one or in bulk, whatever came of it. */
  public long reads() {
    return reads.total();
  }

  /** How often {@code key} was asked for, alone or in bulk, whatever came of it. */
  public long reads(K key) {
    return reads.of(key);
  }

  /** How often {@link #getAll} was called. */
  public long bulkReads() {
    return bulkReads.get();
  }

  /** How often {@link #update} was called. */
  public long updates() {
    return updates.total();
  }

  /** How often {@link #update} was called for {@code key}. */
  public long updates(K key) {
    return updates.of(key);
  }

  /** How often {@link #delete} was called. */
  public long deletes() {
    return deletes.total();
  }

  /** How often {@link #delete} was called for {@code key}. */
  public long deletes(K key) {
    return deletes.of(key);
  }

  /** The most reads that were ever under way at the same time. */
  public int maxConcurrentReads() {
    return maxConcurrentReads.get();
  }

  private static final class Count<K> {
    private final Map<K, Long> byKey = new ConcurrentHashMap<>();
    private final AtomicLong total = new AtomicLong();

    void add(K key) {
      byKey.merge(key, 1L, Long::sum);
      total.incrementAndGet();
    }

    long of(K key) {
      return byKey.getOrDefault(key, 0L);
    }

    long total() {
      return total.get();
    }
  }
}
