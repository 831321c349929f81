package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.Lookup;
import io.cacheaside.ReadOptions;
import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Hold;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Values that are too old are returned at once and loaded anew in the background. */
@OnEveryStore
@Tag("races")
class StaleWhileRevalidateTest extends CacheTest {

  /** What makes a value newer than the refresh that is under way. */
  enum Newer {
    PUT(cache -> cache.put("k", "newest"), "newest"),
    UPDATE(cache -> cache.update("k", old -> "newest"), "newest"),
    INVALIDATE(cache -> cache.invalidate("k"), null),
    INVALIDATE_ALL(cache -> cache.invalidateAll(List.of("k")), null),
    CLEAR(CacheAside::clear, null);

    private final Consumer<CacheAside<String, String>> action;
    private final String left;

    Newer(Consumer<CacheAside<String, String>> action, String left) {
      this.action = action;
      this.left = left;
    }
  }

  private CacheAsideBuilder<String, String> lenient() {
    return builder().staleWhileRevalidate(Duration.ofMinutes(10));
  }

  private void stale(CacheAside<String, String> cache) {
    cached(cache, "k", "old");
    assertThat(cache.markStale("k")).isTrue();
    source.with("k", "new");
  }

  @Test
  void whatSomebodyElsePutBesideAValueDoesNotEndRefreshing() throws Exception {
    CacheAside<String, String> cache = open(builder().staleWhileRevalidate(Duration.ofHours(1)));
    cache.put("k", "old");
    cache.markStale("k");
    store().put(beside("k"), new byte[] {1, 2, 3}, Duration.ofHours(1)).toCompletableFuture().get();

    eventually(() -> assertThat(cache.get("k", key -> "new")).isEqualTo("new"));
  }

  @Test
  void aReadWhoseLoadsAreNotToBeCachedRefreshesNothing() {
    CacheAside<String, String> cache = open(builder().staleWhileRevalidate(Duration.ofHours(1)));
    cache.put("k", "old");
    cache.markStale("k");

    assertThat(cache.get("k", ReadOptions.defaults().doNotCache(), CacheTest::notLoaded))
        .isEqualTo("old");

    assertThat(cache.stats().refreshes()).isZero();
  }

  @Test
  void theStaleValueIsReturnedAtOnceAndTheNewOneAfterwards() throws Exception {
    CacheAside<String, String> cache = open(lenient());
    stale(cache);
    source.pause();

    assertThat(cache.get("k", source::get)).isEqualTo("old");
    source.awaitWaiting(1, Callers.DEADLINE);
    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("old");
    source.resume();

    eventually(() -> assertCached(cache, "k", "new"));
    assertThat(source.reads("k")).isEqualTo(2);
    assertThat(cache.stats().refreshes()).isEqualTo(1);
    assertThat(cache.stats().staleServed()).isEqualTo(2);
  }

  @Test
  void oneOfTwoProcessesRefreshes() throws Exception {
    CacheAside<String, String> here = open(lenient());
    CacheAside<String, String> there = open(lenient().store(anotherStore()));
    stale(here);
    source.pause();
    assertThat(here.get("k", source::get)).isEqualTo("old");
    source.awaitWaiting(1, Callers.DEADLINE);

    for (int i = 0; i < 10; i++) {
      assertThat(there.get("k", CacheTest::notLoaded)).isEqualTo("old");
    }
    source.resume();

    eventually(() -> assertCached(there, "k", "new"));
    assertThat(source.reads("k")).isEqualTo(2);
    assertThat(here.stats().refreshes()).isEqualTo(1);
    assertThat(there.stats().refreshes()).isZero();
  }

  @Test
  void whatAnotherProcessHasRefreshedBeforeTheLeaseWasGrantedIsNotRefreshedAgain()
      throws Exception {
    FaultyStore store = new FaultyStore(anotherStore());
    CacheAside<String, String> here = open(lenient());
    CacheAside<String, String> there = open(lenient().store(store));
    stale(here);
    Hold lease = store.next(Operation.PUT_IF_ABSENT).of(beside("k")).hold();
    assertThat(there.get("k", CacheTest::notLoaded)).isEqualTo("old");
    lease.awaitArrived();
    assertThat(here.get("k", source::get)).isEqualTo("old");
    eventually(() -> assertCached(here, "k", "new"));
    eventually(() -> assertThat(store().read(beside("k")).toCompletableFuture().get()).isNull());

    lease.release();

    eventually(() -> assertThat(store.count(Operation.REMOVE_STAMPED, beside("k"))).isEqualTo(1));
    assertThat(there.stats().refreshes()).isZero();
  }

  /** Returns where the lease of a refresh is. */
  private String beside(String key) {
    return name + "%r:" + key;
  }

  /** What the other process has loaded, or failed to load, it began before the read. */
  @Test
  void aForcedReadDoesNotShareTheFailureOfTheRefreshThatItOvertakes() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> here = open(lenient().store(store));
    CacheAside<String, String> there = open(lenient().store(anotherStore()));
    stale(there);
    CountDownLatch failing = new CountDownLatch(1);
    there.get(
        "k",
        key -> {
          failing.await();
          throw new IllegalStateException("no source");
        });
    eventually(() -> assertThat(there.stats().refreshes()).isEqualTo(1));
    Hold takeOver = store.next(Operation.SWAP).hold();
    Call<String> forced =
        callers.start(() -> here.get("k", ReadOptions.defaults().forceRefresh(), key -> "forced"));
    takeOver.awaitArrived();
    byte[] lease = store().read(beside("k")).toCompletableFuture().get();

    failing.countDown();
    eventually(
        () ->
            assertThat(store().read(beside("k")).toCompletableFuture().get()).isNotEqualTo(lease));
    takeOver.release();

    assertThat(forced.result()).isEqualTo("forced");
  }

  @Test
  void nothingStaleIsReturnedAfterAnInvalidation() {
    CacheAside<String, String> cache = open(lenient());
    stale(cache);

    cache.invalidate("k");

    assertThat(cache.get("k", source::get)).isEqualTo("new");
    assertThat(cache.stats().staleServed()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aRefreshNeverOverwritesWhatIsNewer(Newer newer) throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(lenient().store(store));
    CacheAside<String, String> there = open(lenient().store(anotherStore()));
    stale(cache);
    Hold fill = store.next(Operation.SWAP).of(stored("k")).hold();
    assertThat(cache.get("k", source::get)).isEqualTo("old");
    fill.awaitArrived();

    newer.action.accept(there);
    fill.release();

    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    if (newer.left == null) {
      assertNotCached(there, "k");
    } else if (there.lookup("k") instanceof Lookup.Stale<String> stale) {
      assertThat(stale.stale()).isEqualTo(newer.left);
    } else {
      assertCached(there, "k", newer.left);
    }
  }

  @Test
  void aStrictReadWaitsForTheNewValue() {
    CacheAside<String, String> cache = open(lenient());
    stale(cache);

    assertThat(cache.get("k", ReadOptions.defaults().strict(), source::get)).isEqualTo("new");
    assertThat(cache.stats().staleServed()).isZero();
  }

  @Test
  void aBulkReadReturnsStaleValuesToo() {
    CacheAside<String, String> cache = open(lenient());
    stale(cache);
    source.with("j", "another");

    assertThat(cache.getAll(List.of("k", "j"), source::getAll))
        .isEqualTo(Map.of("k", "old", "j", "another"));

    eventually(() -> assertCached(cache, "k", "new"));
  }

  @Test
  void aRefreshThatFindsNothingTakesTheOldValueAway() {
    CacheAside<String, String> cache = open(lenient());
    stale(cache);

    assertThat(cache.get("k", key -> null)).isEqualTo("old");

    eventually(() -> assertNotCached(cache, "k"));
    assertThat(cache.get("k", source::get)).isEqualTo("new");
  }

  @Test
  void aRefreshThatFindsNothingLeavesAnAbsenceIfThoseAreCached() {
    CacheAside<String, String> cache = open(lenient().absentTtl(Duration.ofMinutes(1)));
    stale(cache);

    assertThat(cache.get("k", key -> null)).isEqualTo("old");

    eventually(() -> assertThat(cache.lookup("k")).isInstanceOf(Lookup.AbsentInSource.class));
    assertThat(cache.get("k", CacheTest::notLoaded)).isNull();
    assertThat(cache.stats().refreshes()).isEqualTo(1);
  }

  @Test
  void aRefreshThatFindsTheOldValueUnmodifiedProlongsIt() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(lenient().store(store));
    stale(cache);
    store.resetCounts();

    assertThat(cache.getWithContext("k", (key, context) -> context.notModified())).isEqualTo("old");

    eventually(() -> assertCached(cache, "k", "old"));
    assertThat(store.count(Operation.SWAP_HEAD, stored("k"))).isEqualTo(1);
    assertThat(store.count(Operation.SWAP, stored("k"))).isZero();
    assertThat(cache.stats().refreshes()).isEqualTo(1);
  }

  @Test
  void anOldValueThatIsInvalidatedMeanwhileIsNotProlonged() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(lenient().store(store));
    CacheAside<String, String> there = open(lenient().store(anotherStore()));
    stale(cache);
    Hold fill = store.next(Operation.SWAP_HEAD).of(stored("k")).hold();
    assertThat(cache.getWithContext("k", (key, context) -> context.notModified())).isEqualTo("old");
    fill.awaitArrived();

    there.invalidate("k");
    fill.release();

    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    assertThat(there.get("k", source::get)).isEqualTo("new");
  }

  @Test
  void aStaleValueThatCannotBeReadIsLoadedFirst() {
    CacheAside<String, String> writer = open(lenient());
    stale(writer);
    writer.close();
    CacheAside<String, String> cache = open(lenientThatReadsNothingOld());

    assertThat(cache.get("k", source::get)).isEqualTo("new");

    eventually(() -> assertCached(cache, "k", "new"));
    assertThat(cache.stats().staleServed() + cache.stats().refreshes()).isZero();
    assertThat(cache.stats().decodeFailures()).isPositive();
  }

  private CacheAsideBuilder<String, String> lenientThatReadsNothingOld() {
    Codec<String> picky =
        new Codec<>() {
          @Override
          public byte[] encode(String value) {
            return Codec.string().encode(value);
          }

          @Override
          public String decode(ByteBuffer payload) {
            String value = Codec.string().decode(payload);
            if (value.equals("old")) {
              throw new CodecException("not readable");
            }
            return value;
          }
        };
    return builder(picky).staleWhileRevalidate(Duration.ofMinutes(10));
  }

  @Test
  void withoutTheOptionAStaleValueIsLoadedFirst() {
    CacheAside<String, String> cache = open();
    stale(cache);

    assertThat(cache.get("k", source::get)).isEqualTo("new");
    assertThat(cache.stats().staleServed()).isZero();
  }
}
