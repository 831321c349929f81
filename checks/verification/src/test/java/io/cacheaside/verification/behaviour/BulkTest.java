package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.cacheaside.BulkLoadException;
import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.LoadException;
import io.cacheaside.Lookup;
import io.cacheaside.RetryPolicy;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.testkit.SlowSource;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Reads of several keys together. */
@OnEveryStore
@Tag("races")
class BulkTest extends CacheTest {

  static List<String> keys(int count) {
    return IntStream.range(0, count).mapToObj(i -> "k" + i).toList();
  }

  static Map<String, String> itself(Collection<String> keys) {
    return keys.stream().collect(Collectors.toMap(key -> key, key -> key));
  }

  private static Map<String, String> notLoadedAtAll(Set<String> keys) {
    throw new AssertionError(NOT_LOADED + ": " + keys);
  }

  @Test
  void whatIsMissingIsLoadedWithOneCall() {
    CacheAside<String, String> cache = open();
    cached(cache, "b", "2");
    source.with("a", "1").with("c", "3");
    List<Set<String>> loaded = new ArrayList<>();

    Map<String, String> values =
        cache.getAll(
            List.of("c", "b", "a"),
            keys -> {
              loaded.add(Set.copyOf(keys));
              return source.getAll(keys);
            });

    assertThat(values).containsExactly(entry("c", "3"), entry("b", "2"), entry("a", "1"));
    assertThat(loaded).containsExactly(Set.of("a", "c"));
    assertCached(cache, "a", "1");
    assertCached(cache, "c", "3");
  }

  @Test
  void whatIsCachedIsNotLoaded() {
    CacheAside<String, String> cache = open();
    cached(cache, "a", "1");
    cached(cache, "b", "2");

    assertThat(cache.getAll(List.of("a", "b"), BulkTest::notLoadedAtAll))
        .containsExactly(entry("a", "1"), entry("b", "2"));
  }

  @Test
  void theResultCannotBeChanged() {
    CacheAside<String, String> cache = open();

    Map<String, String> values = cache.getAll(List.of("a"), BulkTest::itself);

    assertThatThrownBy(() -> values.put("b", "2"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void aKeyGivenTwiceIsLoadedOnce() {
    CacheAside<String, String> cache = open();
    source.with("a", "1").with("b", "2");

    assertThat(cache.getAll(List.of("a", "b", "a", "a"), source::getAll))
        .containsExactly(entry("a", "1"), entry("b", "2"));

    assertThat(source.reads("a")).isEqualTo(1);
  }

  @Test
  void noKeysAreNotLoaded() {
    CacheAside<String, String> cache = open();

    assertThat(cache.getAll(List.of(), BulkTest::notLoadedAtAll)).isEmpty();
  }

  @Test
  void whatTheSourceDoesNotHaveIsLeftOut() {
    CacheAside<String, String> cache = open();
    source.with("a", "1");

    assertThat(cache.getAll(List.of("absent", "a"), source::getAll))
        .containsExactly(entry("a", "1"));

    assertNotCached(cache, "absent");
  }

  @Test
  void absencesAreCachedIfThatIsWanted() {
    CacheAside<String, String> cache = open(builder().absentTtl(Duration.ofMinutes(5)));
    Map<String, String> withNull = new HashMap<>();
    withNull.put("null", null);
    withNull.put("a", "1");

    assertThat(cache.getAll(List.of("absent", "null", "a"), keys -> withNull))
        .containsExactly(entry("a", "1"));

    assertThat(cache.lookup("absent")).isInstanceOf(Lookup.AbsentInSource.class);
    assertThat(cache.lookup("null")).isInstanceOf(Lookup.AbsentInSource.class);
    assertThat(cache.getAll(List.of("absent", "null"), BulkTest::notLoadedAtAll)).isEmpty();
  }

  @Test
  void whatWasNotAskedForIsIgnored() {
    CacheAside<String, String> cache = open();

    Map<String, String> values =
        cache.getAll(List.of("a"), keys -> Map.of("a", "1", "uncalled", "for"));

    assertThat(values).containsExactly(entry("a", "1"));
    assertNotCached(cache, "uncalled");
  }

  @Test
  void ifTheLoadFailsTheCachedValuesComeWithTheFailure() {
    CacheAside<String, String> cache = open();
    cached(cache, "a", "1");
    IllegalStateException thrown = new IllegalStateException("no source");
    source.failNextReads(1, thrown);

    assertThatExceptionOfType(BulkLoadException.class)
        .isThrownBy(() -> cache.getAll(List.of("a", "b", "c"), source::getAll))
        .withMessageContainingAll(name, "2 keys")
        .satisfies(
            e -> {
              assertThat(e.values()).containsExactly(entry("a", "1"));
              assertThat(e.failures()).containsOnlyKeys("b", "c").containsEntry("b", thrown);
            })
        .havingCause()
        .isSameAs(thrown);

    source.with("b", "2");
    assertThat(cache.getAll(List.of("b", "c"), source::getAll)).containsExactly(entry("b", "2"));
  }

  @Test
  void aLoaderThatReturnsNothingAtAllHasFailed() {
    CacheAside<String, String> cache = open();

    assertThatExceptionOfType(BulkLoadException.class)
        .isThrownBy(() -> cache.getAll(List.of("a", "b"), keys -> null))
        .withCauseInstanceOf(NullPointerException.class)
        .satisfies(e -> assertThat(e.failures()).containsOnlyKeys("a", "b"));

    assertThat(cache.get("a", key -> "1")).isEqualTo("1");
  }

  @Test
  void aKeyThatIsNoneIsRefusedBeforeAnythingIsLoaded() {
    CacheAside<String, String> cache = open();

    assertThatNullPointerException()
        .isThrownBy(() -> cache.getAll(Arrays.asList("a", null), BulkTest::notLoadedAtAll));
    assertThatThrownBy(() -> cache.getAll(List.of("a", ""), BulkTest::notLoadedAtAll))
        .isInstanceOf(IllegalArgumentException.class);

    assertNotCached(cache, "a");
  }

  @Test
  void aKeyThatSomebodyElseLoadsIsWaitedFor() throws Exception {
    CacheAside<String, String> cache = open();
    source.with("a", "1").with("b", "2").with("c", "3");
    source.pause();
    Call<String> single = callers.start(() -> cache.get("b", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    Call<Map<String, String>> bulk =
        callers.start(() -> cache.getAll(List.of("a", "b", "c"), source::getAll));
    source.awaitWaiting(2, Callers.DEADLINE);
    source.resume();

    assertThat(bulk.result()).containsExactly(entry("a", "1"), entry("b", "2"), entry("c", "3"));
    assertThat(single.result()).isEqualTo("2");
    assertThat(source.reads("b")).isEqualTo(1);
    assertThat(source.bulkReads()).isEqualTo(1);
  }

  @Test
  void aKeyThatAnotherProcessLoadsIsWaitedFor() throws Exception {
    CacheAside<String, String> here = open();
    CacheAside<String, String> there = open(builder().store(anotherStore()));
    source.with("a", "1").with("b", "2");
    source.pause();
    Call<String> single = callers.start(() -> there.get("b", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    Call<Map<String, String>> bulk =
        callers.start(() -> here.getAll(List.of("a", "b"), source::getAll));
    source.awaitWaiting(2, Callers.DEADLINE);
    source.resume();

    assertThat(bulk.result()).containsExactly(entry("a", "1"), entry("b", "2"));
    assertThat(single.result()).isEqualTo("2");
    assertThat(source.reads("b")).isEqualTo(1);
  }

  @Test
  void ifTheOtherLoadComesToNothingTheKeyIsLoadedInAFurtherCall() throws Exception {
    FakeTime time = new FakeTime();
    Duration loadTimeout = Duration.ofMinutes(1);
    CacheAside<String, String> cache = open(builder().environment(time).loadTimeout(loadTimeout));
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    callers.start(
        () ->
            cache.get(
                "b",
                key -> {
                  begun.countDown();
                  hanging.await();
                  return "too late";
                }));
    begun.await();
    List<Set<String>> loaded = new CopyOnWriteArrayList<>();
    Call<Map<String, String>> call =
        callers.start(
            () ->
                cache.getAll(
                    List.of("a", "b"),
                    keys -> {
                      loaded.add(Set.copyOf(keys));
                      return itself(keys);
                    }));
    eventually(() -> assertThat(loaded).hasSize(1));
    awaitWaiting(cache, 3, List.of(call));

    time.advance(loadTimeout);

    assertThat(call.result()).containsExactly(entry("a", "a"), entry("b", "b"));
    assertThat(loaded).containsExactly(Set.of("a"), Set.of("b"));
    hanging.countDown();
  }

  @Test
  void ifTheOtherLoadFailsOnlyThatKeyFails() throws Exception {
    CacheAside<String, String> cache = open();
    IllegalStateException thrown = new IllegalStateException("no source");
    source.with("a", "1").pause();
    source.failNextReads(1, thrown);
    Call<String> single = callers.start(() -> cache.get("b", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    Call<Map<String, String>> bulk =
        callers.start(() -> cache.getAll(List.of("a", "b"), source::getAll));
    source.awaitWaiting(2, Callers.DEADLINE);
    source.resume();

    assertThat(single.failure()).isSameAs(thrown);
    assertThat(bulk.failure())
        .isInstanceOfSatisfying(
            BulkLoadException.class,
            e -> {
              assertThat(e.values()).containsExactly(entry("a", "1"));
              assertThat(e.failures()).containsOnlyKeys("b");
              assertThat(e).hasCauseInstanceOf(LoadException.class).hasRootCause(thrown);
            });
    assertCached(cache, "a", "1");
  }

  @Test
  void anInvalidationOfOneKeyRefusesTheFillOfThatKeyOnly() throws Exception {
    CacheAside<String, String> cache = open();
    source.with("a", "1").with("b", "old").with("c", "3");
    source.pause();
    Call<Map<String, String>> bulk =
        callers.start(() -> cache.getAll(List.of("a", "b", "c"), source::getAll));
    source.awaitWaiting(1, Callers.DEADLINE);

    source.with("b", "new");
    cache.invalidate("b");
    source.resume();

    assertThat(bulk.result()).containsEntry("a", "1").containsEntry("c", "3");
    eventually(() -> assertThat(cache.stats().fills()).isEqualTo(2));
    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    assertCached(cache, "a", "1");
    assertNotCached(cache, "b");
    assertCached(cache, "c", "3");
    assertThat(cache.getAll(List.of("b"), source::getAll)).containsEntry("b", "new");
  }

  @Test
  void aReaderOfOneKeySharesTheBulkLoad() throws Exception {
    CacheAside<String, String> cache = open();
    source.with("a", "1").with("b", "2").pause();
    Call<Map<String, String>> bulk =
        callers.start(() -> cache.getAll(List.of("a", "b"), source::getAll));
    source.awaitWaiting(1, Callers.DEADLINE);

    Call<String> single = callers.start(() -> cache.get("b", CacheTest::notLoaded));
    awaitWaiting(cache, 3, List.of(bulk, single));
    source.resume();

    assertThat(single.result()).isEqualTo("2");
    assertThat(bulk.result()).hasSize(2);
  }

  @Test
  void concurrentCallsLoadEachKeyOnce() throws Exception {
    CacheAside<String, String> here = open();
    CacheAside<String, String> there = open(builder().store(anotherStore()));
    List<String> keys = keys(100);
    List<String> backwards = new ArrayList<>(keys);
    Collections.reverse(backwards);
    keys.forEach(key -> source.with(key, key));

    List<Call<Map<String, String>>> calls = new ArrayList<>();
    calls.addAll(callers.start(4, () -> here.getAll(keys, source::getAll)));
    calls.addAll(callers.start(4, () -> there.getAll(backwards, source::getAll)));

    assertThat(Callers.results(calls)).allSatisfy(values -> assertThat(values).hasSize(100));
    assertThat(source.reads()).isEqualTo(100);
  }

  /**
   * A machine with too little time for all these leases would lose some, and refuse their fills.
   */
  @Test
  void tenThousandKeysAreLoadedWithOneCallAndThenHit() {
    CacheAside<String, String> cache = open(builder().leaseTime(Duration.ofMinutes(1)));
    List<String> keys = keys(10_000);
    AtomicInteger calls = new AtomicInteger();

    Map<String, String> loaded =
        cache.getAll(
            keys,
            missing -> {
              calls.incrementAndGet();
              return itself(missing);
            });
    eventually(() -> assertThat(cache.stats().fills()).isEqualTo(10_000));
    Map<String, String> found = cache.getAll(keys, BulkTest::notLoadedAtAll);

    assertThat(loaded).isEqualTo(itself(keys));
    assertThat(found).isEqualTo(loaded);
    assertThat(calls).hasValue(1);
    assertThat(cache.stats().hits()).isEqualTo(10_000);
  }

  /** A slow store answers a part of each chunk in time. */
  @Test
  void whatTheStoreDoesNotAnswerInTimeIsLoaded() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(builder().store(store).circuitBreaker(2, Duration.ofHours(1)));
    List<String> keys = keys(2_000);
    cache.putAll(itself(keys));
    List<String> late =
        IntStream.range(0, 2_000).filter(i -> i % 500 >= 400).mapToObj(i -> "k" + i).toList();
    late.forEach(key -> store.every(Operation.READ).of(stored(key)).fail(Reason.TIMED_OUT));
    List<Set<String>> loaded = new CopyOnWriteArrayList<>();

    Map<String, String> values =
        cache.getAll(
            keys,
            missing -> {
              loaded.add(Set.copyOf(missing));
              return missing.stream().collect(Collectors.toMap(key -> key, key -> "loaded"));
            });

    assertThat(values).hasSize(2_000).containsEntry("k399", "k399").containsEntry("k400", "loaded");
    assertThat(loaded).containsExactly(Set.copyOf(late));
    assertThat(cache.stats().hits()).isEqualTo(1_600);
    store.heal();
    assertThat(cache.getAll(keys, BulkTest::notLoadedAtAll)).isEqualTo(itself(keys));
    assertThat(cache.stats().storeSkips()).isZero();
  }

  @Test
  void staleKeysAreRefreshedWithOneCallAndMissingOnesLoadedWithAnother() {
    CacheAside<String, String> cache = open(lenient());
    stale(cache, "a", "b");
    source.with("c", "3");
    List<Set<String>> loaded = new CopyOnWriteArrayList<>();

    Map<String, String> values =
        cache.getAll(
            List.of("a", "b", "c"),
            keys -> {
              loaded.add(Set.copyOf(keys));
              return source.getAll(keys);
            });

    assertThat(values).containsExactly(entry("a", "old"), entry("b", "old"), entry("c", "3"));
    eventually(
        () -> {
          assertCached(cache, "a", "new");
          assertCached(cache, "b", "new");
        });
    assertThat(loaded).containsExactlyInAnyOrder(Set.of("a", "b"), Set.of("c"));
    assertThat(cache.stats().refreshes()).isEqualTo(2);
  }

  @Test
  void whatAnotherProcessRefreshesIsLeftToIt() throws Exception {
    CacheAside<String, String> here = open(lenient());
    CacheAside<String, String> there = open(lenient().store(anotherStore()));
    stale(here, "a", "b");
    source.pause();
    assertThat(there.get("a", source::get)).isEqualTo("old");
    source.awaitWaiting(1, Callers.DEADLINE);
    SlowSource<String, String> ours = new SlowSource<>(Duration.ZERO);
    ours.with("b", "ours");

    assertThat(here.getAll(List.of("a", "b"), ours::getAll))
        .containsExactly(entry("a", "old"), entry("b", "old"));

    eventually(() -> assertCached(here, "b", "ours"));
    assertThat(here.getAll(List.of("a"), BulkTest::notLoadedAtAll)).containsEntry("a", "old");
    source.resume();
    eventually(() -> assertCached(here, "a", "new"));
    assertThat(here.stats().refreshes()).isEqualTo(1);
  }

  @Test
  void aBulkRefreshThatFailsLeavesTheOldValues() {
    CacheAside<String, String> cache =
        open(lenient().failureBackoff(Duration.ofMinutes(1), Duration.ofMinutes(1)));
    stale(cache, "a", "b");
    source.failNextReads(1, new IllegalStateException("down"));

    cache.getAll(List.of("a", "b"), source::getAll);

    eventually(() -> assertThat(cache.stats().loadFailures()).isEqualTo(2));
    assertThat(cache.getAll(List.of("a", "b"), BulkTest::notLoadedAtAll))
        .containsExactly(entry("a", "old"), entry("b", "old"));
  }

  @Test
  void moreStaleKeysThanFitOneChunkAreRefreshedWithOneCall() {
    CacheAside<String, String> cache = open(lenient());
    List<String> keys = keys(510);
    cache.putAll(keys.stream().collect(Collectors.toMap(key -> key, key -> "old")));
    keys.forEach(cache::markStale);
    AtomicInteger calls = new AtomicInteger();

    cache.getAll(
        keys,
        stale -> {
          calls.incrementAndGet();
          return itself(stale);
        });

    eventually(
        () -> {
          assertCached(cache, "k0", "k0");
          assertCached(cache, "k255", "k255");
          assertCached(cache, "k509", "k509");
        });
    assertThat(calls).hasValue(1);
  }

  private CacheAsideBuilder<String, String> lenient() {
    return builder().staleWhileRevalidate(Duration.ofMinutes(10));
  }

  private void stale(CacheAside<String, String> cache, String... keys) {
    for (String key : keys) {
      cached(cache, key, "old");
      assertThat(cache.markStale(key)).isTrue();
      source.with(key, "new");
    }
  }

  @Test
  void aFailedBulkLoadIsTriedAgainAsARetryPolicySays() {
    CacheAside<String, String> cache =
        open(
            builder()
                .loadRetry(RetryPolicy.of(3).delays(Duration.ofMillis(1), Duration.ofMillis(1))));
    source.with("a", "1");
    source.failNextReads(2, new IllegalStateException("no source"));

    assertThat(cache.getAll(List.of("a", "b"), source::getAll)).containsExactly(entry("a", "1"));

    assertThat(source.bulkReads()).isEqualTo(3);
  }

  @Test
  void aLoaderThatAsksForOneOfItsKeysIsToldSo() {
    CacheAside<String, String> cache = open();

    assertThatExceptionOfType(BulkLoadException.class)
        .isThrownBy(
            () ->
                cache
                    .async()
                    .sync()
                    .getAll(
                        List.of("a", "b"),
                        keys -> Map.of("a", cache.async().sync().get("b", CacheTest::notLoaded))))
        .havingCause()
        .isInstanceOf(IllegalStateException.class)
        .withMessageContaining("'b'");
  }
}
