package io.cacheaside.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;

/** What an implementor gives, and what the tests of {@link StoreContract} are written with. */
abstract class StoreFixture {
  static final Duration LONG = Duration.ofHours(1);
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int KEYS_PER_BATCH = 500;

  private final String run = "contract:" + UUID.randomUUID() + ":";
  private final Queue<Store> opened = new ConcurrentLinkedQueue<>();
  private @Nullable Store store;

  /**
   * Opens the store under test. Called once or more in each test, which closes what it opened; the
   * tests do not expect that two stores see each other's states.
   */
  protected abstract Store open() throws Exception;

  /**
   * Returns the monotonic time by which the store counts times to live, in nanoseconds. {@link
   * System#nanoTime()} unless overridden, for a store whose time the test moves.
   */
  protected long nanoTime() {
    return System.nanoTime();
  }

  /**
   * Lets a few milliseconds pass; called between two looks at a state that is to expire. Waits one
   * unless overridden, for a store whose time the test moves.
   */
  protected void passTime() {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
  }

  /**
   * Makes a key hold something that is not a state, past the store, such as a Redis list. The tests
   * that need it are skipped unless this is overridden: not every store can hold such a thing.
   */
  protected void putForeign(String key) throws Exception {
    Assumptions.abort("This store holds nothing but states");
  }

  @BeforeEach
  void openStore() throws Exception {
    store = openAnother();
  }

  @AfterEach
  void closeStores() {
    opened.forEach(Store::close);
  }

  final Store openAnother() throws Exception {
    Store another = open();
    opened.add(another);
    return another;
  }

  final Store store() {
    if (store == null) {
      throw new IllegalStateException("No store is open outside of a test");
    }
    return store;
  }

  /** Returns a key that no other test uses. */
  final String key(String name) {
    return run + name;
  }

  final void put(String key, String state) throws Exception {
    await(store().put(key, bytes(state), LONG));
  }

  final void putAll(List<String> keys, String state) throws Exception {
    forEach(keys, key -> store().put(key, bytes(state), LONG));
  }

  /** Does something for many keys in batches and returns the results in the order of the keys. */
  final <T extends @Nullable Object> List<T> forEach(
      List<String> keys, Function<String, CompletionStage<T>> operation) throws Exception {
    List<T> results = new ArrayList<>();
    for (int done = 0; done < keys.size(); done += KEYS_PER_BATCH) {
      List<String> some = keys.subList(done, Math.min(done + KEYS_PER_BATCH, keys.size()));
      List<CompletionStage<T>> stages = new ArrayList<>();
      store().batch(() -> some.forEach(key -> stages.add(operation.apply(key))));
      for (CompletionStage<T> stage : stages) {
        results.add(await(stage));
      }
    }
    return results;
  }

  final void assertState(String key, String expected) throws Exception {
    assertThat(await(store().read(key))).isEqualTo(bytes(expected));
  }

  final void assertNothing(String key) throws Exception {
    assertThat(await(store().read(key))).isNull();
  }

  static void assertFails(CompletionStage<?> stage, Reason reason) throws Exception {
    assertThat(failure(stage))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  /** Waits for a stage and returns how it failed, exactly as its dependents see it, or null. */
  static @Nullable Throwable failure(CompletionStage<?> stage) throws Exception {
    return await(stage.handle((value, failure) -> failure));
  }

  static <T extends @Nullable Object> T await(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Starts a task in several threads at once and returns their results, in order of the threads.
   */
  static <T extends @Nullable Object> List<T> race(int threads, Racer<T> racer) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      CyclicBarrier start = new CyclicBarrier(threads);
      List<Future<T>> racing = new ArrayList<>();
      for (int number = 0; number < threads; number++) {
        int own = number;
        racing.add(
            executor.submit(
                () -> {
                  start.await(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
                  return racer.run(own);
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> result : racing) {
        results.add(result.get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS));
      }
      return results;
    } finally {
      executor.shutdownNow();
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  static String text(byte @Nullable [] state) {
    assertThat(state).isNotNull();
    return new String(state, UTF_8);
  }

  /** What each thread of a race does; knows its own number. */
  interface Racer<T extends @Nullable Object> {
    T run(int number) throws Exception;
  }
}
