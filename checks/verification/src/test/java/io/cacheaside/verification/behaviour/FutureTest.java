package io.cacheaside.verification.behaviour;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.cacheaside.AsyncCacheAside;
import io.cacheaside.AsyncLoader;
import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.LoadTimeoutException;
import io.cacheaside.codec.Codec;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Hold;
import io.cacheaside.testkit.FaultyStore.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What futures and asynchronous loaders have of their own. */
@OnEveryStore
@Only(Face.ASYNC)
@Tag("edge")
class FutureTest extends CacheTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final CompletableFuture<String> loaded = new CompletableFuture<>();
  private final AtomicInteger loads = new AtomicInteger();

  private CompletableFuture<String> load(String key) {
    loads.incrementAndGet();
    return loaded;
  }

  private CacheAsideBuilder<String, String> builderOf(String suffix) {
    return CacheAside.builder(name + suffix, Codec.string()).store(store());
  }

  private void awaitLoad() {
    eventually(() -> assertThat(loads).hasValue(1));
  }

  private static CompletableFuture<String> notLoadedHere(String key) {
    throw new AssertionError(NOT_LOADED);
  }

  @Test
  void cancellingAFutureDoesNotCancelTheLoad() throws Exception {
    AsyncCacheAside<String, String> cache = open().async();
    CompletableFuture<String> first = cache.get("k", this::load);
    awaitLoad();
    CompletableFuture<String> other = cache.get("k", FutureTest::notLoadedHere);
    eventually(() -> assertThat(cache.sync().stats().misses()).isEqualTo(2));

    assertThat(first.cancel(true)).isTrue();
    loaded.complete("v");

    assertThat(other.get(20, SECONDS)).isEqualTo("v");
    eventually(() -> assertCached(cache.sync(), "k", "v"));
    assertThat(first).isCancelled();
  }

  @Test
  void completingAFutureByHandConcernsNobodyElse() throws Exception {
    AsyncCacheAside<String, String> cache = open().async();
    CompletableFuture<String> first = cache.get("k", this::load);
    awaitLoad();
    CompletableFuture<String> other = cache.get("k", FutureTest::notLoadedHere);
    eventually(() -> assertThat(cache.sync().stats().misses()).isEqualTo(2));

    first.complete("made up");
    loaded.complete("v");

    assertThat(other.get(20, SECONDS)).isEqualTo("v");
    eventually(() -> assertCached(cache.sync(), "k", "v"));
  }

  /** What ends a future from outside: its caller does not wait any more. */
  static List<Consumer<CompletableFuture<String>>> endings() {
    return List.of(
        future -> future.cancel(true),
        future -> future.complete("made up"),
        future -> future.completeExceptionally(new IllegalStateException("made up")),
        future -> future.orTimeout(1, MILLISECONDS),
        future -> future.completeOnTimeout("made up", 1, MILLISECONDS));
  }

  @Test
  void whoeverEndsTheFutureOfTheOnlyCallerEndsTheLoad() throws Exception {
    int ended = 0;
    for (Consumer<CompletableFuture<String>> ending : endings()) {
      AsyncCacheAside<String, String> cache = open(builderOf("ends" + ended++)).async();
      CompletableFuture<String> never = new CompletableFuture<>();
      CountDownLatch loading = new CountDownLatch(1);
      CompletableFuture<String> future =
          cache.get(
              "k",
              key -> {
                loading.countDown();
                return never;
              });
      loading.await();

      ending.accept(future);

      eventually(() -> assertThat(cache.sync().stats().cancelledLoads()).isEqualTo(1));
      assertThat(cache.get("k", key -> CompletableFuture.completedFuture("v")).get(20, SECONDS))
          .isEqualTo("v");
    }
  }

  @Test
  void whoeverEndsTheFutureOfGetAllEndsItsLoads() throws Exception {
    AsyncCacheAside<String, String> cache = open().async();
    CountDownLatch loading = new CountDownLatch(1);
    CompletableFuture<Map<String, String>> future =
        cache.getAll(
            List.of("a", "b"),
            keys -> {
              loading.countDown();
              return new CompletableFuture<>();
            });
    loading.await();

    future.orTimeout(1, MILLISECONDS);

    eventually(() -> assertThat(cache.sync().stats().cancelledLoads()).isEqualTo(2));
  }

  /** As if it had been cancelled: it is not known whether the value was changed. */
  @Test
  void whoeverEndsTheFutureOfAnUpdateLeavesNoDoubtBehind() {
    FaultyStore store = faultyStore();
    AsyncCacheAside<String, String> cache = open(builder().store(store)).async();
    cache.sync().put("k", "old");
    store.resetCounts();
    Hold swap = store.next(Operation.SWAP).hold();
    CompletableFuture<Boolean> update = cache.update("k", old -> "new");
    eventually(() -> assertThat(store.count(Operation.SWAP)).isEqualTo(1));

    update.complete(true);

    eventually(() -> assertThat(cache.sync().stats().unconfirmedInvalidations()).isEqualTo(1));
    swap.release();
    eventually(() -> assertNotCached(cache.sync(), "k"));
  }

  @Test
  void whoLeavesBeforeTheLoadBeganLeavesNoLease() {
    FaultyStore store = faultyStore();
    AsyncCacheAside<String, String> cache =
        open(builder().store(store).leaseTime(HOUR).loadTimeout(HOUR)).async();
    Hold granted = store.next(Operation.PUT_IF_ABSENT).holdReply();
    CompletableFuture<String> future = cache.get("k", FutureTest::notLoadedHere);
    eventually(() -> assertThat(store.count(Operation.PUT_IF_ABSENT)).isEqualTo(1));

    future.cancel(true);
    granted.release();

    eventually(() -> assertThat(store().read(stored("k")).toCompletableFuture().get()).isNull());
    assertThat(cache.sync().get("k", key -> "v")).isEqualTo("v");
  }

  @Test
  void aCancelledWriteIsFollowedByItsInvalidation() {
    AsyncCacheAside<String, String> cache = open().async();
    cache.sync().put("k", "old");
    CompletableFuture<String> written = new CompletableFuture<>();
    CompletableFuture<String> writing = cache.writeThenInvalidate("k", () -> written);

    writing.cancel(true);
    written.complete("written");

    eventually(() -> assertNotCached(cache.sync(), "k"));
  }

  @Test
  void aWriteWhoseStageFailsIsFollowedByItsInvalidation() {
    AsyncCacheAside<String, String> cache = open().async();
    cache.sync().put("k", "old");
    IllegalStateException thrown = new IllegalStateException("no source");

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(
            () ->
                cache
                    .writeThenInvalidate("k", () -> CompletableFuture.failedFuture(thrown))
                    .get(20, SECONDS))
        .havingCause()
        .isSameAs(thrown);

    assertNotCached(cache.sync(), "k");
  }

  @Test
  void aWriteWithoutAStageHasFailedAndIsFollowedByItsInvalidation() {
    AsyncCacheAside<String, String> cache = open().async();
    cache.sync().put("k", "old");

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> cache.writeThenInvalidate("k", () -> null).get(20, SECONDS))
        .withCauseInstanceOf(NullPointerException.class);

    assertNotCached(cache.sync(), "k");
  }

  @Test
  void noMethodBlocks() {
    FaultyStore store = faultyStore();
    AsyncCacheAside<String, String> cache = open(builder().store(store)).async();
    Hold everything = store.every().hold();

    List<CompletableFuture<?>> futures =
        List.of(
            cache.get("k", key -> CompletableFuture.completedFuture("v")),
            cache.getAll(
                List.of("a", "b"),
                keys -> CompletableFuture.completedFuture(BulkTest.itself(keys))),
            cache.lookup("k"),
            cache.put("k", "v"),
            cache.put("k", "v", Duration.ofMinutes(1)),
            cache.update("k", old -> old),
            cache.writeThenInvalidate("k", () -> CompletableFuture.completedFuture("written")),
            cache.invalidate("k"),
            cache.invalidateAll(List.of("a", "b")),
            cache.invalidateMatching("*"),
            cache.clear(),
            cache.remainingTtl("k"),
            cache.setTtl("k", Duration.ofMinutes(1)),
            cache.touch("k"),
            cache.health());

    assertThat(futures).noneMatch(CompletableFuture::isDone);
    store.heal();
    everything.release();
    assertThat(futures).allSatisfy(future -> future.get(20, SECONDS));
  }

  @Test
  void aStageThatNeverCompletesEndsAtTheLoadTimeout() throws Exception {
    FakeTime time = new FakeTime();
    Duration loadTimeout = Duration.ofMinutes(1);
    AsyncCacheAside<String, String> cache =
        open(builder().environment(time).loadTimeout(loadTimeout)).async();
    CompletableFuture<String> future = cache.get("k", this::load);
    awaitLoad();

    time.advance(loadTimeout);

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> future.get(20, SECONDS))
        .withCauseInstanceOf(LoadTimeoutException.class);
    loaded.complete("too late");

    assertNotCached(cache.sync(), "k");
    assertThat(cache.get("k", key -> CompletableFuture.completedFuture("v")).get(20, SECONDS))
        .isEqualTo("v");
  }

  @Test
  void aBulkStageThatNeverCompletesEndsAtTheLoadTimeout() {
    AsyncCacheAside<String, String> cache =
        open(builder().loadTimeout(Duration.ofMillis(100))).async();
    CompletableFuture<Map<String, String>> never = new CompletableFuture<>();

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> cache.getAll(List.of("a", "b"), keys -> never).get(20, SECONDS))
        .havingCause()
        .withCauseInstanceOf(LoadTimeoutException.class);

    assertNotCached(cache.sync(), "a");
  }

  @Test
  void aLoaderWithoutAStageHasFailed() throws Exception {
    AsyncCacheAside<String, String> cache =
        open(builder().leaseTime(HOUR).loadTimeout(HOUR)).async();

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> cache.get("k", key -> null).get(20, SECONDS))
        .withCauseInstanceOf(NullPointerException.class);
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> cache.getAll(List.of("a", "b"), keys -> null).get(20, SECONDS))
        .havingCause()
        .withCauseInstanceOf(NullPointerException.class);

    assertThat(callers.start(() -> cache.sync().get("k", key -> "v")).result()).isEqualTo("v");
    assertThat(callers.start(() -> cache.sync().get("a", key -> "v")).result()).isEqualTo("v");
  }

  @Test
  void wrongArgumentsAreThrownAtOnce() {
    AsyncCacheAside<String, String> cache = open().async();

    assertThatNullPointerException().isThrownBy(() -> cache.get(null, this::load));
    assertThatNullPointerException()
        .isThrownBy(() -> cache.get("k", (AsyncLoader<String, String>) null));
    assertThatNullPointerException().isThrownBy(() -> cache.getAll(List.of("k"), null));
    assertThatNullPointerException().isThrownBy(() -> cache.put("k", null));
    assertThatNullPointerException().isThrownBy(() -> cache.update("k", null));
    assertThatNullPointerException().isThrownBy(() -> cache.writeThenInvalidate("k", null));
    assertThatNullPointerException().isThrownBy(() -> cache.invalidateMatching(null));
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> cache.get("", this::load));
  }

  @Test
  void aPutThatIsNotAwaitedStoresNothingAfterALaterInvalidation() throws Exception {
    FaultyStore store = faultyStore();
    AsyncCacheAside<String, String> cache = open(builder().store(store)).async();
    Hold reply = store.next(Operation.PUT_IF_ABSENT).holdReply();
    CompletableFuture<Void> put = cache.put("k", "old");
    reply.awaitArrived();
    cache.invalidate("k").get(20, SECONDS);

    reply.release();

    put.get(20, SECONDS);
    assertNotCached(cache.sync(), "k");
  }

  @Test
  void aPutThatIsCancelledGivesBackItsLease() throws Exception {
    FaultyStore store = faultyStore();
    AsyncCacheAside<String, String> cache = open(builder().store(store)).async();
    Hold reply = store.next(Operation.PUT_IF_ABSENT).holdReply();
    CompletableFuture<Void> put = cache.put("k", "old");
    reply.awaitArrived();

    put.cancel(true);
    reply.release();

    eventually(() -> assertThat(store.count(Operation.REMOVE_STAMPED, stored("k"))).isEqualTo(1));
    assertThat(store.count(Operation.SWAP)).isZero();
    assertNotCached(cache.sync(), "k");
  }
}
