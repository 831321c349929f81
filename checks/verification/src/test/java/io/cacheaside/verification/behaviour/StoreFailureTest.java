package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheHealth;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.RetryPolicy;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.store.TimedState;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Hold;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.testkit.ForwardingStore;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** G5: whatever the store does wrong, reads are answered, and a failed invalidation is seen. */
@OnEveryStore
@Tag("edge")
class StoreFailureTest extends CacheTest {

  static Stream<Arguments> faultsOfAllOperations() {
    return Stream.of(Operation.values())
        .flatMap(
            operation ->
                Stream.of(
                    Arguments.of(operation, Reason.DISCONNECTED, false),
                    Arguments.of(operation, Reason.TIMED_OUT, false),
                    Arguments.of(operation, Reason.TIMED_OUT, true)));
  }

  /** A lease that cannot be given back is in the way for its time: a short one. */
  private CacheAside<String, String> over(FaultyStore store) {
    return open(
        builder()
            .store(store)
            .leaseTime(Duration.ofMillis(100))
            .invalidationRetry(RetryPolicy.none()));
  }

  /** The source changes all the time: a read that gives less than what it has now was stale. */
  @ParameterizedTest(name = "{0} {1}, done all the same: {2}")
  @MethodSource("faultsOfAllOperations")
  void readsAreAnsweredWhateverOperationFails(Operation operation, Reason reason, boolean done) {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = over(store);
    source.with("a", "1").with("b", "2").with("c", "3").with("d", "4");
    cached(cache, "c", "3");
    damage("d");
    if (done) {
      store.every(operation).loseReply(reason);
    } else {
      store.every(operation).fail(reason);
    }

    for (int i = 0; i < 3; i++) {
      assertThat(cache.get("a", source::get)).isEqualTo("1");
      assertThat(cache.getAll(List.of("a", "b", "c", "d", "absent"), source::getAll))
          .isEqualTo(source.getAll(List.of("a", "b", "c", "d")));
      assertThat(cache.lookup("a").value()).isIn(List.of(optional("1"), optional(null)));
      cache.remainingTtl("a");
      cache.health();
    }
    store.heal();

    for (String key : List.of("a", "b", "c", "d")) {
      source.with(key, "new " + key);
      cache.invalidate(key);
      assertThat(cache.get(key, source::get)).isEqualTo("new " + key);
    }
  }

  private static Optional<String> optional(String value) {
    return Optional.ofNullable(value);
  }

  private void damage(String key) {
    try {
      store()
          .put(stored(key), new byte[60], Duration.ofMinutes(1))
          .toCompletableFuture()
          .get(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  enum Write {
    PUT(cache -> cache.put("k", "v")),
    UPDATE(cache -> cache.update("k", old -> old)),
    SET_TTL(cache -> cache.setTtl("other", Duration.ofMinutes(1))),
    TOUCH(cache -> cache.touch("k"));

    private final Consumer<CacheAside<String, String>> action;

    Write(Consumer<CacheAside<String, String>> action) {
      this.action = action;
    }
  }

  @ParameterizedTest
  @EnumSource
  void writesToTheCacheFailWithWhatTheStoreSays(Write write) {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = over(store);
    cached(cache, "k", "v");
    store.disconnect();

    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> write.action.accept(cache))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DISCONNECTED));

    store.reconnect();
    if (write == Write.UPDATE) {
      eventually(() -> assertThat(cache.stats().replayedInvalidations()).isEqualTo(1));
      assertNotCached(cache, "k");
    } else {
      assertCached(cache, "k", "v");
    }
  }

  @Test
  void withTheStoreGoneEverythingIsStillAnswered() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = over(store);
    store.disconnect();
    source.with("k", "v");

    assertThat(cache.get("k", source::get)).isEqualTo("v");
    assertThat(cache.get("absent", source::get)).isNull();
    assertThat(cache.getAll(List.of("k", "absent"), source::getAll)).containsEntry("k", "v");
    assertNotCached(cache, "k");
    assertThat(cache.remainingTtl("k")).isEmpty();
    assertThat(cache.health().status()).isEqualTo(CacheHealth.Status.DEGRADED);
    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(() -> cache.invalidate("k"));
    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(() -> cache.invalidateAll(List.of("k", "j")));
    assertThatExceptionOfType(InvalidationFailedException.class).isThrownBy(cache::clear);
  }

  @Test
  void afterTheStoreIsBackValuesAreCachedAgain() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = over(store);
    source.with("k", "v");
    store.disconnect();
    cache.get("k", source::get);
    store.reconnect();

    assertThat(cache.get("k", source::get)).isEqualTo("v");

    eventually(() -> assertCached(cache, "k", "v"));
    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("v");
  }

  @Test
  void aReadAsksAStoreThatIsDeadOnce() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = over(store);
    store.every().fail(Reason.TIMED_OUT);

    cache.get("k", key -> "v");

    assertCalls(store, Operation.READ, 1);
    assertCallsInAll(store, 1);
  }

  @Test
  void aBulkReadAsksAStoreThatIsDeadOnceForEachKey() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = over(store);
    store.every().fail(Reason.TIMED_OUT);

    cache.getAll(List.of("a", "b", "c"), BulkTest::itself);

    assertCalls(store, Operation.READ, 3);
    assertCallsInAll(store, 3);
  }

  @Test
  void aReadWaitsForOneTimeoutAtMost() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = over(store);
    store.next(Operation.PUT_IF_ABSENT).fail(Reason.TIMED_OUT);
    Hold release = store.every(Operation.REMOVE_STAMPED).hold();

    // The lease that may have been granted is given back, but the reader does not wait for that.
    assertThat(callers.start(() -> cache.get("k", key -> "v")).result()).isEqualTo("v");

    release.awaitArrived();
    assertCalls(store, Operation.READ, 1);
    assertCalls(store, Operation.PUT_IF_ABSENT, 1);
    release.release();
  }

  @Test
  void aReaderDoesNotWaitForItsFill() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    Hold fill = store.next(Operation.SWAP).hold();

    Call<String> load = callers.start(() -> cache.get("k", key -> "v"));

    fill.awaitArrived();
    assertThat(load.result()).isEqualTo("v");
    fill.release();
    eventually(() -> assertCached(cache, "k", "v"));
  }

  @Test
  void aLeaseWhoseGrantGotLostIsGivenBack() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store).leaseTime(Duration.ofHours(1)));
    CacheAside<String, String> other = open(builder().store(faultyStore()));
    store.next(Operation.PUT_IF_ABSENT).loseReply(Reason.TIMED_OUT);

    assertThat(cache.get("k", key -> "v")).isEqualTo("v");

    eventually(() -> assertThat(store().read(stored("k")).toCompletableFuture().get()).isNull());
    assertThat(other.get("k", key -> "w")).isEqualTo("w");
  }

  @Test
  void aFillWhoseConfirmationGotLostIsAFillAllTheSame() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = over(store);
    store.next(Operation.SWAP).loseReply(Reason.TIMED_OUT);

    assertThat(cache.get("k", key -> "v")).isEqualTo("v");

    eventually(() -> assertThat(cache.stats().skippedFills()).isEqualTo(1));
    assertCached(cache, "k", "v");
  }

  @Test
  void aFillThatArrivesLateCannotOutliveAnInvalidation() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = over(store);
    Hold fill = store.next(Operation.SWAP).hold();
    assertThat(cache.get("k", key -> "old")).isEqualTo("old");
    fill.awaitArrived();
    fill.fail(Reason.TIMED_OUT);
    eventually(() -> assertThat(cache.stats().skippedFills()).isEqualTo(1));

    cache.invalidate("k");
    fill.release();

    assertNotCached(cache, "k");
    assertThat(cache.get("k", key -> "new")).isEqualTo("new");
    eventually(() -> assertCached(cache, "k", "new"));
  }

  @Test
  void aLeaseRequestThatArrivesLateDoesNotHarm() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(builder().store(store).leaseTime(Duration.ofMillis(200)));
    Hold lease = store.next(Operation.PUT_IF_ABSENT).hold();
    Call<String> load = callers.start(() -> cache.get("k", key -> "old"));
    lease.awaitArrived();
    lease.fail(Reason.TIMED_OUT);
    assertThat(load.result()).isEqualTo("old");
    cache.invalidate("k");

    lease.release();

    assertThat(cache.get("k", key -> "new")).isEqualTo("new");
    eventually(() -> assertCached(cache, "k", "new"));
  }

  /** A store that breaks its own contract: it throws instead of failing its stages. */
  @Test
  void aStoreThatThrowsIsAStoreThatFails() {
    AtomicBoolean removed = new AtomicBoolean(); // the removal is repeated, and would count again
    CacheAside<String, String> cache =
        open(
            builder()
                .store(
                    new ForwardingStore(store()) {
                      @Override
                      public CompletionStage<byte[]> read(String key) {
                        throw new UnsupportedOperationException("read");
                      }

                      @Override
                      public CompletionStage<TimedState> readTimed(String key, int maxBytes) {
                        throw new UnsupportedOperationException("readTimed");
                      }

                      @Override
                      public CompletionStage<Boolean> remove(String key) {
                        if (!removed.getAndSet(true)) {
                          throw new UnsupportedOperationException("remove");
                        }
                        return super.remove(key);
                      }
                    })
                .invalidationRetry(RetryPolicy.none()));
    source.with("k", "v");

    assertThat(cache.get("k", source::get)).isEqualTo("v");
    assertThat(cache.getAll(List.of("k"), source::getAll)).containsEntry("k", "v");
    assertNotCached(cache, "k");
    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(() -> cache.invalidate("k"));
    eventually(() -> assertThat(cache.stats().storeFailures()).isEqualTo(4));
    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> cache.setTtl("other", Duration.ofMinutes(1)))
        .matches(failure -> failure.reason() == Reason.UNEXPECTED)
        .matches(StoreException::isOutcomeUnknown)
        .withCauseInstanceOf(UnsupportedOperationException.class);
  }

  private static void assertCalls(FaultyStore store, Operation operation, long calls) {
    assertThat(store.count(operation)).as(operation.name()).isEqualTo(calls);
  }

  private static void assertCallsInAll(FaultyStore store, long calls) {
    assertThat(Stream.of(Operation.values()).mapToLong(store::count).sum()).isEqualTo(calls);
  }
}
