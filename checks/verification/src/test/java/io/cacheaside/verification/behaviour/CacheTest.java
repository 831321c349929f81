package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.LoadException;
import io.cacheaside.Lookup;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.Store;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.SlowSource;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.params.Parameter;

/**
 * The ground for the tests of a cache: caches whose names nobody else uses, a source to read from,
 * and callers. Afterwards everything is closed, and the test fails if it left an entry that never
 * expires.
 */
@Timeout(180)
abstract class CacheTest {
  /** A loader that must not run. */
  static final String NOT_LOADED = "loaded although it should not have been";

  private static final AtomicInteger TESTS = new AtomicInteger();

  private static final Executor STEP_THREADS = Executors.newCachedThreadPool(CacheTest::step);
  private static final AtomicInteger STEPS = new AtomicInteger();

  /** Runs what the cache does neither on a caller's thread nor on one of the store. */
  private static void executeStep(Runnable step) {
    STEPS.incrementAndGet();
    STEP_THREADS.execute(
        () -> {
          try {
            step.run();
          } finally {
            STEPS.decrementAndGet();
          }
        });
  }

  static Thread step(Runnable task) {
    Thread thread = Callers.daemon(task);
    thread.setName("steps");
    return thread;
  }

  /** What the names of all caches of this test begin with. */
  final String name = "test" + TESTS.incrementAndGet() + "_";

  final SlowSource<String, String> source = new SlowSource<>(Duration.ZERO);
  final Callers callers = new Callers();

  @Parameter Setup setup;

  /** Reports number the setups; a failure names its own. */
  @RegisterExtension
  final TestExecutionExceptionHandler nameOfSetup =
      (context, failure) -> {
        failure.addSuppressed(new AssertionError("This was " + setup));
        throw failure;
      };

  private final List<CacheAside<?, ?>> caches = new ArrayList<>();
  private final List<Store> stores = new ArrayList<>();

  /** Closing waits for loads that a failed test left hanging, on stepped time for ever. */
  @AfterEach
  @Timeout(180)
  void leaveNothingBehind() throws Exception {
    source.resume();
    callers.end();
    caches.forEach(CacheAside::close);
    stores.forEach(Store::close);
    List<String> immortal = setup.backend().immortalKeys(name);
    store().removeMatching(name, "*").toCompletableFuture().get(10, TimeUnit.SECONDS);
    assertThat(immortal).as("keys that never expire").isEmpty();
  }

  /** Returns the store instance that tests share. */
  final Store store() {
    return setup.backend().store();
  }

  /** Returns another store instance over the same entries, to be closed after the test. */
  final Store anotherStore() {
    Store store = setup.backend().connect();
    stores.add(store);
    return store;
  }

  /** Returns a store instance over the same entries that fails as it is told. */
  final FaultyStore faultyStore() {
    return new FaultyStore(store());
  }

  final CacheAsideBuilder<String, String> builder() {
    return builder(Codec.string());
  }

  final <V> CacheAsideBuilder<String, V> builder(Codec<V> codec) {
    return CacheAside.builder(name, codec)
        .store(store())
        .ttlJitter(0)
        .executor(CacheTest::executeStep);
  }

  /** Builds a cache and returns the face of it that is under test. */
  final <K, V> CacheAside<K, V> open(CacheAsideBuilder<K, V> builder) {
    return setup.face().of(closedAfterwards(builder.build()));
  }

  final <C extends CacheAside<?, ?>> C closedAfterwards(C cache) {
    caches.add(cache);
    return cache;
  }

  final CacheAside<String, String> open() {
    return open(builder());
  }

  final boolean isSync() {
    return setup.face() == Face.SYNC;
  }

  /** Returns what the store calls a key of the cache named as this test. */
  final String stored(String key) {
    return name + ":" + key;
  }

  static <V> V notLoaded(String key) {
    throw new AssertionError(NOT_LOADED + ": " + key);
  }

  /** Puts what a source has into the cache, as a miss does, and waits for the fill. */
  final void cached(CacheAside<String, String> cache, String key, String value) {
    source.with(key, value);
    eventually(
        () -> {
          assertThat(cache.get(key, source::get)).isEqualTo(value);
          assertCached(cache, key, value);
        });
  }

  static <V> void assertCached(CacheAside<String, V> cache, String key, V value) {
    assertThat(cache.lookup(key).value()).contains(value);
  }

  static void assertNotCached(CacheAside<String, ?> cache, String key) {
    assertThat(cache.lookup(key)).isInstanceOf(Lookup.NotCached.class);
  }

  /** Asserts that a caller got the failure of its own loader. */
  final void assertOwnFailure(Throwable actual, Throwable thrown) {
    boolean unchecked = thrown instanceof RuntimeException || thrown instanceof Error;
    if (isSync() && !unchecked) {
      assertThat(actual).isInstanceOf(LoadException.class).cause().isSameAs(thrown);
    } else {
      assertThat(actual).isSameAs(thrown);
    }
  }

  /**
   * Waits until a cache has counted so many misses, and all of these calls do nothing but wait: for
   * the load they found under way, or for their own.
   */
  static void awaitWaiting(CacheAside<?, ?> cache, long misses, List<? extends Call<?>> calls) {
    eventually(
        () -> {
          assertThat(cache.stats().misses()).isEqualTo(misses);
          assertThat(calls).allMatch(Call::isWaiting);
          assertThat(isIdle()).isTrue();
        });
  }

  /**
   * Returns whether no step of an asynchronous call, and nothing after a call, runs or is about to.
   */
  static boolean isIdle() {
    return STEPS.get() == 0;
  }

  /** Waits for something that nothing can notify of. */
  static void eventually(ThrowingRunnable assertion) {
    await()
        .atMost(Callers.DEADLINE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .untilAsserted(assertion);
  }
}
