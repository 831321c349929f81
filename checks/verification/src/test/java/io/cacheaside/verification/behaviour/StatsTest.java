package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheStats;
import io.cacheaside.RetryPolicy;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each count is exact after scripted calls. */
@OnEveryStore
class StatsTest extends CacheTest {

  /** The counts without the times, in the order of {@link CacheStats}. */
  private static void assertCounts(
      CacheAside<?, ?> cache,
      long hits,
      long misses,
      long loads,
      long loadFailures,
      long coalesced,
      long fills,
      long refusedFills,
      long skippedFills,
      long invalidations,
      long decodeFailures,
      long storeFailures) {
    eventually(
        () -> {
          CacheStats stats = cache.stats();
          assertThat(
                  List.of(
                      stats.hits(),
                      stats.misses(),
                      stats.loads(),
                      stats.loadFailures(),
                      stats.coalesced(),
                      stats.fills(),
                      stats.refusedFills(),
                      stats.skippedFills(),
                      stats.invalidations(),
                      stats.decodeFailures(),
                      stats.storeFailures()))
              .as(stats.toString())
              .containsExactly(
                  hits,
                  misses,
                  loads,
                  loadFailures,
                  coalesced,
                  fills,
                  refusedFills,
                  skippedFills,
                  invalidations,
                  decodeFailures,
                  storeFailures);
        });
  }

  @Test
  void theTextHasWhatIsNotZero() {
    CacheAside<String, String> cache = open();
    assertThat(cache.stats()).hasToString("hits=0, misses=0, hitRatio=0.0 %");

    cache.put("k", "v");
    cache.get("k", CacheTest::notLoaded);
    cache.invalidate("k");

    assertThat(cache.stats().toString().lines())
        .startsWith("hits=1, misses=0, hitRatio=100.0 %", "puts=1")
        .anyMatch(line -> line.startsWith("invalidations=1"))
        .noneMatch(line -> line.contains("loads") || line.contains("propagation"));
  }

  @Test
  void countsOfTwoMomentsAreEqualIfNothingHappenedBetweenThem() {
    CacheAside<String, String> cache = open(builder().store(InMemoryStore.create()));
    CacheStats before = cache.stats();

    assertThat(cache.stats()).isEqualTo(before).hasSameHashCodeAs(before);
    cache.put("k", "v");
    cache.get("k", CacheTest::notLoaded);
    assertThat(cache.stats()).isNotEqualTo(before);
  }

  /** In the store the colon of the longer name is a percent sign with a code. */
  @Test
  void aChangeOfACacheWhoseNameBeginsWithThisOneIsNotCounted() {
    CacheAside<String, String> cache = open();
    CacheAside<String, String> longer =
        open(CacheAside.builder(name + ":more", Codec.string()).store(store()));

    longer.put("k", "v");
    assertThat(cache.stats().changesTold()).isZero();

    cache.put("k", "v");
    assertThat(cache.stats().changesTold()).isPositive();
  }

  @Test
  void atFirstNothingIsCounted() {
    CacheAside<String, String> cache = open();

    assertCounts(cache, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    assertThat(cache.stats().hitRatio()).isZero();
    assertThat(cache.stats().averageLoadTime()).isZero();
  }

  @Test
  void hitsMissesLoadsFillsAndInvalidations() {
    CacheAside<String, String> cache = open();
    cache.get("k", key -> "v");
    eventually(() -> assertCached(cache, "k", "v"));
    cache.get("k", CacheTest::notLoaded);
    cache.get("k", CacheTest::notLoaded);
    cache.invalidate("k");
    cache.get("k", key -> "w");

    assertCounts(cache, 2, 2, 2, 0, 0, 2, 0, 0, 1, 0, 0);
    assertThat(cache.stats().hitRatio()).isCloseTo(0.5, within(1e-9));
    assertThat(cache.stats().averageLoadTime())
        .isEqualTo(cache.stats().loadTime().dividedBy(2))
        .isPositive();
  }

  @Test
  void everyInvalidatedKeyAndPatternCounts() {
    CacheAside<String, String> cache = open();

    cache.invalidate("a");
    cache.invalidateAll(List.of("a", "b", "c", "a"));
    cache.invalidateMatching("x*");
    cache.clear();
    cache.writeThenInvalidate("a", () -> "written");
    cache.invalidateAll(List.of());

    assertThat(cache.stats().invalidations()).isEqualTo(1 + 3 + 1 + 1 + 1);
  }

  @Test
  void anAbsenceIsALoadAndAFillOnlyIfItIsCached() {
    CacheAside<String, String> cache = open(builder().absentTtl(Duration.ofMinutes(1)));
    cache.get("k", source::get);
    eventually(() -> assertThat(cache.stats().fills()).isEqualTo(1));
    cache.get("k", source::get);
    CacheAside<String, String> forgetful = open(builder().store(faultyStore()));
    forgetful.get("j", source::get);
    forgetful.get("j", source::get);

    assertCounts(cache, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0);
    assertCounts(forgetful, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  @Test
  void failedLoads() {
    CacheAside<String, String> cache = open();
    source.failNextReads(2, new IllegalStateException("no source"));

    assertThatThrownBy(() -> cache.get("k", source::get)).hasMessage("no source");
    assertThatThrownBy(() -> cache.get("k", source::get)).hasMessage("no source");
    cache.get("k", key -> "v");

    assertCounts(cache, 0, 3, 1, 2, 0, 1, 0, 0, 0, 0, 0);
  }

  @Test
  void sharedLoadsAndRefusedFills() throws Exception {
    CacheAside<String, String> cache = open();
    source.with("k", "v").pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    List<Call<String>> joined = callers.start(3, () -> cache.get("k", CacheTest::notLoaded));
    awaitWaiting(cache, 4, joined);
    cache.invalidate("k");
    source.resume();
    load.result();
    Callers.results(joined);

    assertCounts(cache, 0, 4, 1, 0, 3, 0, 1, 0, 1, 0, 0);
  }

  @Test
  void skippedFills() {
    CacheAside<String, String> cache = open(builder().maxPayloadBytes(3));

    cache.get("k", key -> "1234");
    cache.get("k", key -> "123");

    assertCounts(cache, 0, 2, 2, 0, 0, 1, 0, 1, 0, 0, 0);
  }

  @Test
  void unreadableEntries() throws Exception {
    CacheAside<String, String> cache = open();
    store().put(stored("k"), new byte[50], Duration.ofMinutes(1)).toCompletableFuture().get();

    cache.get("k", key -> "v");

    assertCounts(cache, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 0);
  }

  @Test
  void failuresOfTheStore() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(builder().store(store).invalidationRetry(RetryPolicy.none()));
    store.next(Operation.READ).fail(Reason.DISCONNECTED);
    cache.get("k", key -> "v");
    store.next(Operation.PUT_IF_ABSENT).fail(Reason.REFUSED);
    cache.get("k", key -> "v");
    store.next(Operation.SWAP).fail(Reason.TIMED_OUT);
    cache.get("k", key -> "v");
    store.next(Operation.REMOVE).fail(Reason.OVERLOADED);
    assertThatThrownBy(() -> cache.invalidate("k"));

    assertCounts(cache, 0, 3, 3, 0, 0, 0, 0, 1, 0, 0, 4);
  }

  @Test
  void keysReadTogetherCountOneByOne() {
    CacheAside<String, String> cache = open();
    cached(cache, "a", "1");
    source.with("b", "2");

    cache.getAll(List.of("a", "b", "absent"), source::getAll);

    assertCounts(cache, 1, 3, 3, 0, 0, 2, 0, 0, 0, 0, 0);
  }

  @Test
  void aSnapshotDoesNotChange() {
    CacheAside<String, String> cache = open();
    CacheStats before = cache.stats();

    cache.get("k", key -> "v");

    assertThat(before.misses()).isZero();
    assertThat(cache.stats().misses()).isEqualTo(1);
  }
}
