package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.codec.Codec;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Callers that block all threads of the executors of a cache still get their answers. */
@OnEveryStore
@Only(Face.SYNC)
@Tag("races")
class BlockedCallersTest extends CacheTest {
  private static final int THREADS = 4;
  private static final int CALLS = 24;

  private final ExecutorService pool = Executors.newFixedThreadPool(THREADS, CacheTest::step);

  @AfterEach
  void endPool() {
    pool.shutdownNow();
  }

  /** The executor of this cache has no thread but those of the callers. */
  private CacheAsideBuilder<String, String> blocked() {
    return builder().executor(pool).loadTimeout(Duration.ofSeconds(15));
  }

  private static <T> List<T> onAll(ExecutorService pool, Function<Integer, T> call)
      throws Exception {
    CountDownLatch allThere = new CountDownLatch(THREADS);
    List<Future<T>> futures = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      int number = i;
      futures.add(
          pool.submit(
              () -> {
                allThere.countDown();
                allThere.await();
                return call.apply(number);
              }));
    }
    List<T> results = new ArrayList<>();
    for (Future<T> future : futures) {
      results.add(future.get(Callers.DEADLINE.toSeconds(), TimeUnit.SECONDS));
    }
    return results;
  }

  private static List<String> numbers() {
    return IntStream.range(0, CALLS).mapToObj(String::valueOf).toList();
  }

  /** Loads for as long as there are threads whose callers have not missed, to wait for a place. */
  private static String loaded(CacheAside<String, String> cache, String key, int missedBefore) {
    eventually(
        () -> assertThat(cache.stats().misses()).isGreaterThanOrEqualTo(missedBefore + THREADS));
    return key;
  }

  @Test
  void aCallerThatWaitsForAPlaceGetsIt() throws Exception {
    CacheAside<String, String> cache = open(blocked().maxConcurrentLoads(2));

    assertThat(onAll(pool, i -> cache.get(String.valueOf(i), key -> loaded(cache, key, 0))))
        .isEqualTo(numbers());
  }

  @Test
  void aCallForSeveralChunksOfKeysIsAnswered() throws Exception {
    CacheAside<String, String> cache = open(blocked().maxConcurrentLoads(2));
    List<Integer> sizes =
        onAll(
            pool,
            i ->
                cache
                    .getAll(
                        IntStream.range(0, 600).mapToObj(k -> i % THREADS + "/" + k).toList(),
                        BulkTest::itself)
                    .size());

    assertThat(sizes).containsOnly(600);
  }

  @Test
  void aCallerThatWaitsWhileTheCacheIsColdGetsItsPlace() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(blocked().store(store).maxConcurrentLoads(THREADS).warmUp(Duration.ofHours(1)));
    store.disconnect();
    cache.get("lost", key -> key);
    store.reconnect();
    cache.get("back", key -> key);
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();

    List<String> values =
        onAll(
            pool,
            i ->
                cache.get(
                    String.valueOf(i),
                    key -> {
                      most.accumulateAndGet(running.incrementAndGet(), Math::max);
                      String value = loaded(cache, key, 2);
                      running.decrementAndGet();
                      return value;
                    }));

    assertThat(values).isEqualTo(numbers());
    assertThat(most).hasValue(1);
  }

  /** Nothing but the change itself wakes these callers before the test gives up. */
  @Test
  void aCallerThatWaitsForAnotherProcessIsWoken() throws Exception {
    Duration veryLong = Duration.ofMinutes(10);
    CacheAside<String, String> there =
        open(builder().store(anotherStore()).leaseTime(veryLong).loadTimeout(veryLong));
    CacheAside<String, String> here = open(blocked().leaseTime(veryLong).loadTimeout(veryLong));
    source.with("k", "v").pause();
    Call<String> load = callers.start(() -> there.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    Call<List<String>> waiting =
        callers.start(() -> onAll(pool, i -> here.get("k", CacheTest::notLoaded)));
    eventually(() -> assertThat(here.stats().misses()).isEqualTo(THREADS));
    source.resume();

    assertThat(load.result()).isEqualTo("v");
    assertThat(waiting.result()).hasSize(CALLS).containsOnly("v");
  }

  /** The only thread of a loader executor runs the loads that its loader asks for. */
  @Test
  void aLoaderMayReadCachesOfItsLoaderExecutor() throws Exception {
    ExecutorService only = Executors.newSingleThreadExecutor(CacheTest::step);
    CacheAside<String, String> cache = open(builder().loaderExecutor(only));
    CacheAside<String, String> other =
        open(
            CacheAside.builder(name + "other", Codec.string()).store(store()).loaderExecutor(only));

    String value =
        callers
            .start(
                () ->
                    cache.get(
                        "k",
                        key ->
                            cache.get("nested", k -> "1")
                                + other.get("nested", k -> "2")
                                + cache
                                    .getAll(List.of("a", "b"), keys -> Map.of("a", "3"))
                                    .get("a")))
            .result();

    assertThat(value).isEqualTo("123");
    only.shutdown();
  }

  @Test
  void callersOnAForkJoinPoolMayBlockItAlthoughItRunsTheLoaders() throws Exception {
    ForkJoinPool loaders = new ForkJoinPool(2);
    CacheAside<String, String> cache = open(blocked().loaderExecutor(loaders));
    List<ForkJoinTask<String>> calls =
        numbers().stream().map(i -> loaders.submit(() -> cache.get(i, key -> key))).toList();

    for (int i = 0; i < CALLS; i++) {
      assertThat(calls.get(i).get(Callers.DEADLINE.toSeconds(), TimeUnit.SECONDS))
          .isEqualTo(String.valueOf(i));
    }
    loaders.shutdown();
  }
}
