package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.LoadTimeoutException;
import io.cacheaside.Lookup;
import io.cacheaside.ReadOptions;
import io.cacheaside.RetryPolicy;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.testkit.ForwardingStore;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What depends on time, to the millisecond, in an environment where the test makes it pass. */
@InMemoryOnly
class FakeTimeTest extends CacheTest {
  private static final Duration MILLISECOND = Duration.ofMillis(1);
  private static final Duration TTL = Duration.ofSeconds(100);

  private final FakeTime time = new FakeTime();

  private CacheAsideBuilder<String, String> timed() {
    return CacheAside.builder(name, Codec.string()).environment(time).ttl(TTL).ttlJitter(0);
  }

  /** A store of its own on the same time, for what the cache's own one cannot show. */
  private FaultyStore timedStore() {
    return new FaultyStore(InMemoryStore.builder().nanoTime(time::nanoTime).build());
  }

  @Test
  void aValueLivesForItsTtlAndNoLonger() {
    CacheAside<String, String> cache = open(timed());
    cached(cache, "k", "v");

    time.advance(TTL.minus(MILLISECOND));
    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("v");
    time.advance(MILLISECOND);

    assertNotCached(cache, "k");
    assertThat(cache.get("k", key -> "new")).isEqualTo("new");
  }

  @Test
  void anAbsenceLivesForItsOwnTtl() {
    CacheAside<String, String> cache = open(timed().absentTtl(Duration.ofSeconds(5)));
    assertThat(cache.get("k", key -> null)).isNull();

    time.advance(Duration.ofSeconds(5).minus(MILLISECOND));
    assertThat(cache.get("k", CacheTest::notLoaded)).isNull();
    time.advance(MILLISECOND);

    assertThat(cache.get("k", key -> "v")).isEqualTo("v");
  }

  @Test
  void aReadDoesNotProlongTheTtl() {
    CacheAside<String, String> cache = open(timed());
    cached(cache, "k", "v");

    for (int i = 0; i < 9; i++) {
      time.advance(TTL.dividedBy(10));
      assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("v");
    }
    time.advance(TTL.dividedBy(10));

    assertNotCached(cache, "k");
  }

  @Test
  void ageAndRestAreExact() {
    CacheAside<String, String> cache = open(timed());
    cached(cache, "k", "v");

    time.advance(Duration.ofSeconds(30));

    Lookup.Hit<String> hit = (Lookup.Hit<String>) cache.lookup("k");
    assertThat(hit.cached()).isEqualTo("v");
    assertThat(hit.age()).isEqualTo(Duration.ofSeconds(30));
    assertThat(hit.remaining()).isEqualTo(Duration.ofSeconds(70));
    assertThat(cache.remainingTtl("k")).contains(Duration.ofSeconds(70));
  }

  @Test
  void aLoaderIsToldTheExactAgeOfTheOldValue() {
    CacheAside<String, String> cache = open(timed().staleIfError(Duration.ofHours(1)));
    cached(cache, "k", "old");
    time.advance(TTL.plusSeconds(30));

    cache.getWithContext("k", (key, context) -> context.oldValueAge().orElseThrow().toString());

    eventually(() -> assertCached(cache, "k", "PT2M10S"));
    time.advance(Duration.ofSeconds(7));
    assertThat(cache.markStale("k")).isTrue();
    time.advance(Duration.ofMillis(400));
    assertThat(
            cache.getWithContext(
                "k", (key, context) -> context.oldValueAge().orElseThrow().toString()))
        .isEqualTo("PT7.4S");
  }

  @Test
  void aRefreshInTheBackgroundIsToldTheAgeAtWhichItWasFound() {
    CacheAside<String, String> cache = open(timed().staleWhileRevalidate(Duration.ofHours(1)));
    cached(cache, "k", "old");
    time.advance(TTL.plusSeconds(30));

    assertThat(
            cache.getWithContext(
                "k", (key, context) -> context.oldValueAge().orElseThrow().toString()))
        .isEqualTo("old");

    eventually(() -> assertCached(cache, "k", "PT2M10S"));
  }

  @Test
  void aLoaderIsToldExactlyWhatIsLeftOfTheLoadTimeout() {
    CacheAside<String, String> cache = open(timed().loadTimeout(Duration.ofSeconds(20)));

    String left =
        cache.getWithContext(
            "k",
            (key, context) -> {
              time.advance(Duration.ofSeconds(4));
              return context.remainingTime().toString();
            });

    assertThat(left).isEqualTo("PT16S");
  }

  @Test
  void anAbsenceIsNeverStale() {
    CacheAside<String, String> cache =
        open(timed().absentTtl(TTL).staleWhileRevalidate(Duration.ofHours(1)));
    assertThat(cache.get("k", key -> null)).isNull();
    time.advance(TTL.minus(MILLISECOND));
    assertThat(cache.get("k", CacheTest::notLoaded)).isNull();

    time.advance(MILLISECOND);

    assertThat(cache.get("k", key -> "v")).isEqualTo("v");
    assertThat(cache.stats().staleServed() + cache.stats().refreshes()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"0.0, 100", "0.5, 90", "0.75, 85"})
  void jitterTakesAwayItsRandomPart(double random, int expectedSeconds) {
    CacheAside<String, String> cache = open(timed().ttlJitter(0.2).absentTtl(TTL));
    time.setRandom(random);

    cache.put("put", "v");
    cache.put("own", "v", TTL.multipliedBy(2));
    cached(cache, "loaded", "v");
    cache.get("short", ReadOptions.defaults().ttl(TTL.dividedBy(2)), key -> "v");
    cache.get("absent", key -> null);

    Duration expected = Duration.ofSeconds(expectedSeconds);
    assertThat(cache.remainingTtl("put")).contains(expected);
    assertThat(cache.remainingTtl("own")).contains(expected.multipliedBy(2));
    assertThat(cache.remainingTtl("loaded")).contains(expected);
    assertThat(cache.remainingTtl("short")).contains(expected.dividedBy(2));
    Lookup.AbsentInSource<String> absent = (Lookup.AbsentInSource<String>) cache.lookup("absent");
    assertThat(absent.age()).isZero();
    assertThat(absent.remaining()).isEqualTo(expected);
  }

  @Test
  void theShortestTtlSurvivesJitter() {
    CacheAside<String, String> cache = open(timed().ttl(MILLISECOND).ttlJitter(0.99));
    time.setRandom(0.99);

    cached(cache, "k", "v");

    assertThat(cache.remainingTtl("k")).contains(MILLISECOND);
  }

  @Test
  void touchBeginsTheTtlAgain() {
    CacheAside<String, String> cache = open(timed());
    cached(cache, "k", "v");
    time.advance(Duration.ofSeconds(60));

    assertThat(cache.touch("k")).isTrue();

    assertThat(cache.remainingTtl("k")).contains(TTL);
    time.advance(TTL.minus(MILLISECOND));
    assertCached(cache, "k", "v");
    time.advance(MILLISECOND);
    assertThat(cache.touch("k")).isFalse();
  }

  @Test
  void setTtlCountsFromNow() {
    CacheAside<String, String> cache = open(timed());
    cached(cache, "k", "v");
    time.advance(Duration.ofSeconds(60));

    assertThat(cache.setTtl("k", Duration.ofSeconds(10))).isTrue();

    time.advance(Duration.ofSeconds(10).minus(MILLISECOND));
    assertCached(cache, "k", "v");
    time.advance(MILLISECOND);
    assertNotCached(cache, "k");
  }

  @Test
  void anUpdatedValueKeepsWhatRemains() {
    CacheAside<String, String> cache = open(timed());
    cached(cache, "k", "v");
    time.advance(Duration.ofSeconds(60));

    cache.update("k", old -> old + "+");

    assertThat(cache.remainingTtl("k")).contains(Duration.ofSeconds(40));
  }

  @Test
  void aLeaseIsRenewedAsLongAsTheLoadTimeoutAllows() throws Exception {
    FaultyStore store = timedStore();
    CacheAside<String, String> cache =
        open(
            timed()
                .store(store)
                .leaseTime(Duration.ofSeconds(3))
                .loadTimeout(Duration.ofSeconds(30)));
    CountDownLatch returning = new CountDownLatch(1);
    Call<String> load = hangingLoad(cache, returning);

    time.advance(Duration.ofMillis(30));
    for (int second = 1; second < 30; second++) {
      advanceAndSettle(store, second);
      assertThat(store.read(stored("k")).toCompletableFuture().get()).isNotNull();
    }
    time.advance(Duration.ofSeconds(1));

    eventually(() -> assertThat(cache.stats().loadFailures()).isEqualTo(1));
    eventually(() -> assertThat(store.read(stored("k")).toCompletableFuture().get()).isNull());
    returning.countDown();
    if (isSync()) {
      assertThat(load.result()).isEqualTo("v");
    } else {
      assertThat(load.failure()).isInstanceOf(LoadTimeoutException.class);
    }
    assertNotCached(cache, "k");
  }

  private Call<String> hangingLoad(CacheAside<String, String> cache, CountDownLatch returning)
      throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    Call<String> load =
        callers.start(
            () ->
                cache.get(
                    "k",
                    key -> {
                      begun.countDown();
                      returning.await();
                      return "v";
                    }));
    begun.await();
    return load;
  }

  /** Renewals are made once a third of the lease time, and collected for a hundredth of it. */
  private void advanceAndSettle(FaultyStore store, int renewals) {
    time.advance(Duration.ofSeconds(1));
    eventually(
        () -> {
          assertThat(store.count(Operation.SWAP_HEAD)).isEqualTo(renewals);
          assertThat(time.pendingTimers()).hasSize(1);
        });
  }

  @Test
  void theLeasesOfABulkLoadAreRenewedTogether() throws Exception {
    List<Integer> batches = new CopyOnWriteArrayList<>();
    CacheAside<String, String> cache =
        open(
            timed()
                .store(countingRenewals(batches))
                .leaseTime(Duration.ofSeconds(3))
                .loadTimeout(Duration.ofSeconds(30)));
    List<String> keys = BulkTest.keys(1_200);
    source.pause();
    Call<Map<String, String>> load = callers.start(() -> cache.getAll(keys, source::getAll));
    source.awaitWaiting(1, Callers.DEADLINE);

    time.advance(Duration.ofMillis(1_030));
    assertThat(batches).containsExactly(500, 500, 200);
    cache.invalidateAll(keys.subList(0, 600));
    time.advance(Duration.ofSeconds(1));
    assertThat(batches).containsExactly(500, 500, 200, 500, 500, 200);
    time.advance(Duration.ofSeconds(1));
    assertThat(batches.subList(6, batches.size()))
        .as("leases that are left")
        .containsExactly(500, 100);

    source.resume();
    assertThat(load.result()).isEmpty();
  }

  /** Returns a store that notes how many states each batch has changed the heads of. */
  private ForwardingStore countingRenewals(List<Integer> batches) {
    FaultyStore store = timedStore();
    return new ForwardingStore(store) {
      @Override
      public void batch(Runnable operations) {
        long before = store.count(Operation.SWAP_HEAD);
        store.batch(operations);
        int renewed = (int) (store.count(Operation.SWAP_HEAD) - before);
        if (renewed > 0) {
          batches.add(renewed);
        }
      }
    };
  }

  @Test
  void retriesOfALoadAreFurtherAndFurtherApart() throws Exception {
    time.setRandom(0.5);
    CacheAside<String, String> cache =
        open(
            timed()
                .loadTimeout(Duration.ofMinutes(5))
                .leaseTime(Duration.ofMinutes(15))
                .loadRetry(
                    RetryPolicy.of(5)
                        .delays(Duration.ofMillis(200), Duration.ofSeconds(1))
                        .deadline(Duration.ofMinutes(1))));
    Semaphore tries = new Semaphore(0);
    Call<String> load =
        callers.start(
            () ->
                cache.get(
                    "k",
                    key -> {
                      tries.release();
                      throw new IllegalStateException("no source");
                    }));
    tries.acquire();

    for (int millis : new int[] {100, 200, 400, 500}) {
      Duration delay = Duration.ofMillis(millis);
      eventually(() -> assertThat(time.pendingTimers()).contains(delay));
      time.advance(delay.minus(MILLISECOND));
      assertThat(tries.tryAcquire()).isFalse();
      time.advance(MILLISECOND);
      tries.acquire();
    }

    assertThat(load.failure()).hasMessage("no source");
  }

  @Test
  void noTryBeginsAfterTheDeadline() throws Exception {
    time.setRandom(0.5);
    CacheAside<String, String> cache =
        open(
            timed()
                .leaseTime(Duration.ofMinutes(15))
                .loadRetry(
                    RetryPolicy.of(100)
                        .delays(Duration.ofSeconds(1), Duration.ofSeconds(1))
                        .deadline(Duration.ofMillis(1_200))));
    Semaphore tries = new Semaphore(0);
    Call<String> load =
        callers.start(
            () ->
                cache.get(
                    "k",
                    key -> {
                      tries.release();
                      throw new IllegalStateException("no source");
                    }));
    for (int i = 0; i < 2; i++) {
      tries.acquire();
      eventually(() -> assertThat(time.pendingTimers()).contains(Duration.ofMillis(500)));
      time.advance(Duration.ofMillis(500));
    }
    tries.acquire();

    assertThat(load.failure()).hasMessage("no source");
    assertThat(tries.availablePermits()).isZero();
  }

  @Test
  void byDefaultAnInvalidationIsTriedThreeTimes() throws Exception {
    FaultyStore store = timedStore();
    CacheAside<String, String> cache = open(timed().store(store));
    store.every(Operation.REMOVE).fail(Reason.DISCONNECTED);
    time.setRandom(0.5);

    Call<Boolean> invalidation =
        callers.start(
            () -> {
              cache.invalidate("k");
              return true;
            });
    for (int millis : new int[] {50, 100}) {
      Duration delay = Duration.ofMillis(millis);
      eventually(() -> assertThat(time.pendingTimers()).contains(delay));
      time.advance(delay);
    }

    assertThat(invalidation.failure()).isInstanceOf(InvalidationFailedException.class);
    assertThat(store.count(Operation.REMOVE)).isEqualTo(3);
  }

  @Test
  void nothingIsLeftToDoAfterwards() {
    CacheAside<String, String> cache = open(timed());

    cached(cache, "k", "v");
    cache.get("absent", key -> null);
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(
            () ->
                cache.get(
                    "failing",
                    key -> {
                      throw new IllegalStateException("no source");
                    }));
    cache.close();

    eventually(() -> assertThat(time.pendingTimers()).isEmpty());
  }
}
