package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.BulkLoadException;
import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.CacheStats;
import io.cacheaside.Lookup;
import io.cacheaside.NearCache;
import io.cacheaside.Provenance.Level;
import io.cacheaside.ReadOptions;
import io.cacheaside.RetryPolicy;
import io.cacheaside.store.ChangeListener;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.store.WatchedState;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Hold;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.testkit.ForwardingStore;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Values that are kept in the process, and never longer than they may be. */
@OnEveryStore
class NearCacheTest extends CacheTest {
  private static final Duration HOUR = Duration.ofHours(1);

  /** Long enough that no near value goes because a slow machine is late with a sign of life. */
  private static final NearCache NEAR =
      NearCache.ofEntries(100).maxStaleness(Duration.ofMinutes(1));

  private CacheAsideBuilder<String, String> near() {
    return builder().nearCache(NEAR);
  }

  /** Reads a value that is cached until it is near. */
  private static <V> void assertNear(CacheAside<String, V> cache, String key, V value) {
    eventually(
        () -> {
          long before = cache.stats().nearHits();
          assertThat(cache.get(key, CacheTest::<V>notLoaded)).isEqualTo(value);
          assertThat(cache.stats().nearHits()).isGreaterThan(before);
        });
  }

  private static void assertNoLongerNear(CacheAside<String, String> cache, String key) {
    long before = cache.stats().nearHits();
    cache.get(key, other -> "loaded");
    assertThat(cache.stats().nearHits()).isEqualTo(before);
  }

  private CacheAside<String, String> elsewhere() {
    return open(builder().store(anotherStore()));
  }

  @Test
  void aNearValueIsReadWithoutTheStore() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(near().store(store));
    cached(cache, "k", "v");
    assertNear(cache, "k", "v");
    store.resetCounts();

    for (int i = 0; i < 10; i++) {
      assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("v");
    }

    for (Operation operation : Operation.values()) {
      assertThat(store.count(operation, stored("k"))).as(operation.name()).isZero();
    }
    CacheStats stats = cache.stats();
    assertThat(stats.remoteHits()).isPositive().isEqualTo(stats.hits() - stats.nearHits());
    assertThat(cache.stats().nearEntries()).isEqualTo(1);
  }

  @Test
  void whatIsNearIsExplained() {
    CacheAside<String, String> cache = open(near());
    cached(cache, "k", "v");
    assertNear(cache, "k", "v");

    assertThat(cache.explain("k")).contains("a value", "keeps it near");
    assertThat(cache.explain("other")).doesNotContain("near");
  }

  @Test
  void aLookupSaysWhetherItIsNear() {
    CacheAside<String, String> cache = open(near());
    cached(cache, "k", "v");
    assertNear(cache, "k", "v");

    assertThat(levelOf(cache, "k")).isEqualTo(Level.NEAR);
    cache.touch("k");
    assertThat(levelOf(cache, "k")).isEqualTo(Level.STORE);
  }

  private static Level levelOf(CacheAside<String, String> cache, String key) {
    return ((Lookup.Hit<String>) cache.lookup(key)).provenance().level();
  }

  /** Ways to change what is cached, and what the instance that does it reads from then on. */
  enum Change {
    INVALIDATE("loaded") {
      @Override
      void on(CacheAside<String, String> cache) {
        cache.invalidate("k");
      }
    },
    INVALIDATE_ALL("loaded") {
      @Override
      void on(CacheAside<String, String> cache) {
        cache.invalidateAll(List.of("a", "k"));
      }
    },
    INVALIDATE_MATCHING("loaded") {
      @Override
      void on(CacheAside<String, String> cache) {
        cache.invalidateMatching("k*");
      }
    },
    CLEAR("loaded") {
      @Override
      void on(CacheAside<String, String> cache) {
        cache.clear();
      }
    },
    PUT("put") {
      @Override
      void on(CacheAside<String, String> cache) {
        cache.put("k", "put");
      }
    },
    UPDATE("v+") {
      @Override
      void on(CacheAside<String, String> cache) {
        cache.update("k", value -> value + "+");
      }
    },
    WRITE_THEN_INVALIDATE("loaded") {
      @Override
      void on(CacheAside<String, String> cache) {
        cache.writeThenInvalidate("k", () -> "written");
      }
    },
    MARK_STALE("loaded") {
      @Override
      void on(CacheAside<String, String> cache) {
        cache.markStale("k");
      }
    },
    FORCE_REFRESH("forced") {
      @Override
      void on(CacheAside<String, String> cache) {
        cache.get("k", ReadOptions.defaults().forceRefresh(), key -> "forced");
      }
    };

    private final String then;

    Change(String then) {
      this.then = then;
    }

    abstract void on(CacheAside<String, String> cache);
  }

  @ParameterizedTest
  @EnumSource
  void afterAChangeHereNoReadReturnsWhatWasNear(Change change) {
    CacheAside<String, String> cache = open(near());
    cached(cache, "k", "v");
    assertNear(cache, "k", "v");

    change.on(cache);

    eventuallyUnless("v", cache, change.then);
  }

  /** A fill of a forced refresh may still be on its way; the old value must not be near by then. */
  private static void eventuallyUnless(
      String outdated, CacheAside<String, String> cache, String then) {
    String read = cache.get("k", key -> "loaded");
    assertThat(read).isIn(then, "loaded").isNotEqualTo(outdated);
  }

  @ParameterizedTest
  @EnumSource
  void aChangeElsewhereIsHeardOf(Change change) {
    CacheAside<String, String> cache = open(near());
    CacheAside<String, String> other = elsewhere();
    cached(cache, "k", "v");
    assertNear(cache, "k", "v");

    change.on(other);

    eventually(() -> assertThat(cache.get("k", key -> "loaded")).isIn(change.then, "loaded"));
  }

  @Test
  void anAnswerFromBeforeAnInvalidationIsNotKept() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(near().store(store));
    cached(cache, "k", "v");
    assertNear(cache, "k", "v");
    cache.invalidate("k");
    cached(cache, "k", "old");
    Hold answer = store.next(Operation.READ_WATCHED).of(stored("k")).holdReply();
    Call<String> early =
        callers.start(() -> cache.get("k", ReadOptions.defaults().strict(), CacheTest::notLoaded));
    answer.awaitArrived();

    cache.invalidate("k");
    answer.release();

    assertThat(early.result()).isEqualTo("old");
    assertThat(cache.get("k", key -> "new")).isEqualTo("new");
  }

  @Test
  void readsThatDoNotWantANearValueAskTheStore() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(near().store(store));
    cached(cache, "k", "v");
    assertNear(cache, "k", "v");
    store.resetCounts();

    cache.get("k", ReadOptions.defaults().skipNear(), CacheTest::notLoaded);
    cache.get("k", ReadOptions.defaults().strict(), CacheTest::notLoaded);
    cache.get("k", ReadOptions.defaults().maxAge(HOUR), CacheTest::notLoaded);

    assertThat(store.count(Operation.READ_WATCHED, stored("k"))).isEqualTo(3);
  }

  @Test
  void whatIsReadAroundIsNotReadNear() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(near().store(store).invalidationRetry(RetryPolicy.none()));
    cached(cache, "k", "v");
    assertNear(cache, "k", "v");
    store.every(Operation.REMOVE).fail(Reason.REFUSED);

    assertThatThrownBy(() -> cache.invalidate("k")).hasMessageContaining("k");

    assertThat(cache.get("k", key -> "new")).isEqualTo("new");
    store.heal();
    eventually(() -> assertThat(cache.stats().unconfirmedInvalidations()).isZero());
    assertThat(cache.get("k", key -> "newer")).isIn("new", "newer");
  }

  @Test
  void theStoreIsAskedAgainWhenTheTimeToLiveIsOver() {
    CacheAside<String, String> cache = open(near().ttl(Duration.ofMillis(300)));
    cached(cache, "k", "v");

    eventually(() -> assertThat(cache.get("k", key -> "new")).isEqualTo("new"));
  }

  /** The time that a read learns of may be that of the state before the one that it finds. */
  @Test
  void noNearValueOutlivesItsOwnTimeToLive() {
    Store store =
        new ForwardingStore(store()) {
          @Override
          public CompletionStage<WatchedState> readWatched(String key) {
            return super.readWatched(key)
                .thenApply(
                    state ->
                        state == null ? null : new WatchedState(state.bytes(), HOUR, state.feed()));
          }
        };
    CacheAside<String, String> cache = open(near().store(store).ttl(Duration.ofMillis(300)));
    cached(cache, "k", "v");

    eventually(() -> assertThat(cache.get("k", key -> "new")).isEqualTo("new"));
  }

  @Test
  void tagsOfTheKey() {
    CacheAside<String, String> cache = open(near().tags(key -> List.of("tag", "more")));
    CacheAside<String, String> other =
        open(builder().store(anotherStore()).tags(key -> List.of("tag", "more")));
    cached(cache, "k", "v");
    assertNear(cache, "k", "v");

    other.invalidateTag("tag");
    eventually(() -> assertThat(cache.get("k", key -> "new")).isEqualTo("new"));
    eventually(() -> assertCached(cache, "k", "new"));
    assertNear(cache, "k", "new");
    cache.invalidateTag("more");

    assertThat(cache.get("k", key -> "newer")).isEqualTo("newer");
  }

  @Test
  void tagsOfTheLoader() {
    CacheAside<String, String> cache = open(near().loaderTags());
    cache.getWithContext(
        "k",
        (key, context) -> {
          context.tags("tag");
          return "v";
        });
    eventually(() -> assertCached(cache, "k", "v"));
    assertNear(cache, "k", "v");

    cache.invalidateTag("tag");

    assertThat(cache.get("k", key -> "new")).isEqualTo("new");
  }

  @Test
  void aWholeCacheAtOnce() {
    CacheAside<String, String> cache = open(near().instantClear());
    CacheAside<String, String> other = open(builder().store(anotherStore()).instantClear());
    cached(cache, "k", "v");
    assertNear(cache, "k", "v");

    other.clear();
    eventually(() -> assertThat(cache.get("k", key -> "new")).isEqualTo("new"));
    eventually(() -> assertCached(cache, "k", "new"));
    assertNear(cache, "k", "new");
    cache.clear();

    assertThat(cache.get("k", key -> "newer")).isEqualTo("newer");
  }

  @Test
  void bulkReadsUseWhatIsNear() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(near().store(store));
    cached(cache, "a", "a");
    cached(cache, "b", "b");
    assertNear(cache, "a", "a");
    assertNear(cache, "b", "b");
    store.resetCounts();

    assertThat(cache.getAll(List.of("a", "b", "c"), BulkTest::itself))
        .isEqualTo(Map.of("a", "a", "b", "b", "c", "c"));

    assertThat(store.count(Operation.READ_WATCHED)).isEqualTo(1);
  }

  @Test
  void whatABulkReadFindsIsKept() {
    CacheAside<String, String> cache = open(near());
    cached(cache, "a", "a");
    assertNear(cache, "a", "a");
    cache.put("b", "b");

    cache.getAll(List.of("a", "b"), BulkTest::itself);

    long before = cache.stats().nearHits();
    assertThat(cache.get("b", CacheTest::notLoaded)).isEqualTo("b");
    assertThat(cache.stats().nearHits()).isGreaterThan(before);
  }

  @Test
  void absencesAreKeptWhereThatIsWanted() {
    CacheAside<String, String> cache = open(near().absentTtl(HOUR));
    CacheAside<String, String> other =
        open(builder().store(anotherStore()).absentTtl(HOUR).nearCache(NEAR.withAbsences()));
    cache.get("k", key -> null);
    eventually(() -> assertThat(cache.explain("k")).contains("has nothing"));

    assertNear(other, "k", null);
    assertNoLongerNear(cache, "k");
    other.invalidate("k");

    assertThat(other.get("k", key -> "v")).isEqualTo("v");
  }

  @Test
  void thereIsABoundOnTheEntries() {
    CacheAside<String, String> cache =
        open(builder().nearCache(NearCache.ofEntries(10).maxStaleness(Duration.ofMinutes(1))));
    List<String> keys = IntStream.range(0, 100).mapToObj(i -> "k" + i).toList();
    cache.putAll(keys.stream().collect(Collectors.toMap(key -> key, key -> key)));

    for (int i = 0; i < 3; i++) {
      cache.getAll(keys, BulkTest::itself);
    }

    eventually(() -> assertThat(cache.stats().nearEntries()).isLessThanOrEqualTo(10));
    eventually(
        () -> {
          cache.getAll(keys, BulkTest::itself);
          assertThat(cache.stats().nearEvictions()).isPositive();
        });
  }

  @Test
  void thereIsABoundOnTheBytes() {
    CacheAside<String, String> cache =
        open(builder().nearCache(NearCache.ofBytes(5_000).maxStaleness(Duration.ofMinutes(1))));
    cache.put("small", "v");
    cache.put("large", "v".repeat(10_000));
    assertNear(cache, "small", "v");

    for (int i = 0; i < 3; i++) {
      long before = cache.stats().nearHits();
      assertThat(cache.get("large", CacheTest::notLoaded)).hasSize(10_000);
      assertThat(cache.stats().nearHits()).isEqualTo(before);
    }
  }

  /** Letters in a list that can be changed. */
  @Test
  void aStoreThatDoesNotTellIsRefused() {
    Store silent =
        new ForwardingStore(store()) {
          @Override
          public boolean watch(ChangeListener listener, Duration maxLag) {
            return false;
          }
        };

    assertThatThrownBy(() -> open(near().store(silent)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("nearCache");
    open(builder().store(silent));
  }

  /** The feed is looked at before the epoch: a proof covers what was told before it came. */
  @Test
  void whatWasToldBeforeTheProofCounts() {
    AtomicReference<ChangeListener> listener = new AtomicReference<>();
    AtomicBoolean late = new AtomicBoolean();
    Store store =
        new ForwardingStore(store()) {
          @Override
          public boolean watch(ChangeListener added, Duration maxLag) {
            listener.set(added);
            return super.watch(added, maxLag);
          }

          @Override
          public CompletionStage<WatchedState> readWatched(String key) {
            return super.readWatched(key)
                .thenApply(
                    state ->
                        state == null
                            ? null
                            : new WatchedState(state.bytes(), state.remaining(), this::isComplete));
          }

          private boolean isComplete(long nowNanos, long maxLagNanos) {
            if (late.getAndSet(false)) {
              listener.get().changed(stored("k"));
            }
            return true;
          }
        };
    CacheAside<String, String> cache = open(near().store(store));
    cached(cache, "k", "v");
    assertNear(cache, "k", "v");
    long before = cache.stats().nearHits();

    late.set(true);
    cache.get("k", CacheTest::notLoaded);

    assertThat(cache.stats().nearHits()).isEqualTo(before);
  }

  private CacheAside<String, String> nearWithACopyThat(AtomicBoolean broken) {
    CacheAside<String, String> cache =
        open(
            near()
                .copier(
                    value -> {
                      if (broken.get()) {
                        throw new IllegalStateException("broken");
                      }
                      return value;
                    }));
    cached(cache, "k", "v");
    assertNear(cache, "k", "v");
    return cache;
  }

  @Test
  void aCopyThatFailsFailsTheFuture() {
    AtomicBoolean broken = new AtomicBoolean();
    CacheAside<String, String> cache = nearWithACopyThat(broken);
    broken.set(true);

    assertThatThrownBy(() -> cache.get("k", CacheTest::notLoaded)).hasMessage("broken");
    assertThat(cache.async().get("k", key -> null)).isCompletedExceptionally();
  }

  @Test
  void aCopyThatFailsFailsItsKeyOfABulkReadAlone() {
    AtomicBoolean broken = new AtomicBoolean();
    CacheAside<String, String> cache = nearWithACopyThat(broken);
    broken.set(true);

    assertThatThrownBy(() -> cache.getAll(List.of("k", "j"), keys -> Map.of()))
        .isInstanceOf(BulkLoadException.class)
        .hasRootCauseMessage("broken");
    assertThat(cache.stats().storeFailures()).isZero();
  }
}
