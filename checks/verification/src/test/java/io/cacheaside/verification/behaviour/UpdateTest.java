package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.CacheAside;
import io.cacheaside.Lookup;
import io.cacheaside.Provenance.StaleReason;
import io.cacheaside.codec.CodecException;
import io.cacheaside.jackson.JsonCodec;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Hold;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Changes of a cached value in place. */
@OnEveryStore
@Tag("races")
class UpdateTest extends CacheTest {

  @Test
  void aCachedValueIsReplacedByWhatTheChangeMakesOfIt() {
    CacheAside<String, String> cache = open();
    cached(cache, "k", "v");

    assertThat(cache.update("k", old -> old + "+")).isTrue();

    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("v+");
  }

  @Test
  void oneFieldOfARecordCanBeChanged() {
    record User(String name, int visits) {}
    CacheAside<String, User> cache = open(builder(JsonCodec.of(User.class)));
    cache.put("k", new User("Ada", 1));

    cache.update("k", user -> new User(user.name(), user.visits() + 1));

    assertCached(cache, "k", new User("Ada", 2));
  }

  @Test
  void whereNothingIsCachedNothingIsChanged() {
    CacheAside<String, String> cache = open();

    assertThat(cache.update("k", UpdateTest::notCalled)).isFalse();

    assertNotCached(cache, "k");
  }

  @Test
  void aCachedAbsenceIsRemovedSinceItCannotBeChanged() {
    CacheAside<String, String> cache = open(builder().absentTtl(Duration.ofHours(1)));
    cache.get("k", source::get);
    source.with("k", "there now");

    assertThat(cache.update("k", UpdateTest::notCalled)).isFalse();

    assertThat(cache.get("k", source::get)).isEqualTo("there now");
  }

  @Test
  void concurrentChangesAreAllMade() throws Exception {
    CacheAside<String, Integer> here = open(builder(JsonCodec.of(Integer.class)));
    CacheAside<String, Integer> there =
        open(builder(JsonCodec.of(Integer.class)).store(anotherStore()));
    here.put("k", 0);

    var half = callers.start(4, () -> increment100Times(here));
    var otherHalf = callers.start(4, () -> increment100Times(there));
    Callers.results(half);
    Callers.results(otherHalf);

    assertCached(here, "k", 800);
  }

  private static boolean increment100Times(CacheAside<String, Integer> cache) {
    for (int i = 0; i < 100; i++) {
      assertThat(cache.update("k", n -> n + 1)).isTrue();
    }
    return true;
  }

  @Test
  void aValueInvalidatedMeanwhileIsNotBroughtBack() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    cached(cache, "k", "v");
    Hold swap = store.next(Operation.SWAP).hold();

    Call<Boolean> update = callers.start(() -> cache.update("k", old -> old + "+"));
    swap.awaitArrived();
    cache.invalidate("k");
    swap.release();

    assertThat(update.result()).isFalse();
    assertNotCached(cache, "k");
  }

  @Test
  void aChangeMeanwhileIsNotLost() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    cached(cache, "k", "v");
    Hold swap = store.next(Operation.SWAP).hold();

    Call<Boolean> slow = callers.start(() -> cache.update("k", old -> old + "1"));
    swap.awaitArrived();
    assertThat(cache.update("k", old -> old + "2")).isTrue();
    swap.release();

    assertThat(slow.result()).isTrue();
    assertCached(cache, "k", "v21");
  }

  @Test
  void whatOthersChangeForTheWholeLoadTimeoutIsRemoved() {
    Duration loadTimeout = Duration.ofSeconds(1);
    FakeTime time = new FakeTime();
    CacheAside<String, String> here = open(builder().environment(time).loadTimeout(loadTimeout));
    CacheAside<String, String> there = open(builder().store(anotherStore()));
    cached(here, "k", "v");

    boolean updated =
        here.update(
            "k",
            old -> {
              there.put("k", "of another");
              time.advance(loadTimeout);
              return old + "+";
            });

    assertThat(updated).isFalse();
    assertNotCached(here, "k");
  }

  @Test
  void aLoadUnderWayIsNotStored() throws Exception {
    CacheAside<String, String> cache = open();
    source.with("k", "before the change");
    source.pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    source.with("k", "changed");

    assertThat(cache.update("k", UpdateTest::notCalled)).isFalse();
    source.resume();

    assertThat(load.result()).isEqualTo("before the change");
    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    assertNotCached(cache, "k");
    assertThat(cache.get("k", source::get)).isEqualTo("changed");
  }

  @Test
  void theTtlGoesOn() {
    CacheAside<String, String> cache = open(builder().ttl(Duration.ofHours(2)));
    cache.put("k", "v", Duration.ofHours(1));

    cache.update("k", old -> old + "+");

    assertThat(cache.remainingTtl("k").orElseThrow()).isLessThanOrEqualTo(Duration.ofHours(1));
    cache.touch("k");
    assertThat(cache.remainingTtl("k").orElseThrow()).isLessThanOrEqualTo(Duration.ofHours(1));
  }

  @Test
  void aValueThatIsMarkedStaleStaysMarked() {
    CacheAside<String, String> cache = open(builder().staleIfError(Duration.ofMinutes(10)));
    cached(cache, "k", "v");
    cache.markStale("k");

    assertThat(cache.update("k", old -> old + "+")).isTrue();

    assertThat(cache.lookup("k"))
        .isInstanceOfSatisfying(
            Lookup.Stale.class,
            found -> {
              assertThat(found.stale()).isEqualTo("v+");
              assertThat(found.provenance().staleReason()).isEqualTo(StaleReason.MARKED);
              assertThat(found.provenance().loadTime()).isNotNull();
            });
  }

  @Test
  void aChangeThatThrowsChangesNothing() {
    CacheAside<String, String> cache = open();
    cached(cache, "k", "v");
    IllegalStateException thrown = new IllegalStateException("no");

    assertThatThrownBy(
            () ->
                cache.update(
                    "k",
                    old -> {
                      throw thrown;
                    }))
        .isSameAs(thrown);

    assertCached(cache, "k", "v");
  }

  @Test
  @SuppressWarnings("NullAway")
  void aChangeToNullIsRefused() {
    CacheAside<String, String> cache = open();
    cached(cache, "k", "v");

    assertThatNullPointerException()
        .isThrownBy(() -> cache.update("k", old -> null))
        .withMessageContaining("change");

    assertCached(cache, "k", "v");
  }

  @Test
  void aChangeToSomethingTooLargeIsRefused() {
    CacheAside<String, String> cache = open(builder().maxPayloadBytes(3));
    cached(cache, "k", "123");

    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> cache.update("k", old -> old + "4"))
        .withMessageContaining("maxPayloadBytes");
  }

  @ParameterizedTest
  @EnumSource(names = {"TIMED_OUT", "INTERRUPTED"})
  void whatMayHaveBeenChangedIsRemoved(Reason reason) {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    cached(cache, "k", "v");
    store.next(Operation.SWAP).loseReply(reason);

    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> cache.update("k", old -> old + "+"))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));

    assertThat(cache.stats().unconfirmedInvalidations()).isZero();
    assertNotCached(cache, "k");
  }

  @Test
  void whatMayHaveBeenChangedAndCannotBeRemovedIsReadAround() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    cached(cache, "k", "v");
    store.next(Operation.SWAP).loseReply(Reason.TIMED_OUT);
    store.every(Operation.REMOVE).fail(Reason.TIMED_OUT);

    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> cache.update("k", old -> old + "+"));

    assertThat(cache.stats().unconfirmedInvalidations()).isEqualTo(1);
    assertThat(cache.get("k", key -> "w")).isEqualTo("w");
    store.heal();
    eventually(() -> assertThat(cache.stats().unconfirmedInvalidations()).isZero());
    assertNotCached(cache, "k");
  }

  @ParameterizedTest
  @EnumSource
  void aStoreThatDoesNotAnswerIsReported(Reason reason) {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    cached(cache, "k", "v");
    store.next(Operation.READ).fail(reason);

    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> cache.update("k", UpdateTest::notCalled))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));

    assertThat(cache.get("k", key -> "w")).isEqualTo("w");
    eventually(() -> assertThat(cache.stats().unconfirmedInvalidations()).isZero());
    assertThat(cache.get("k", key -> "w")).isEqualTo("w");
  }

  private static String notCalled(String old) {
    throw new AssertionError("called with " + old);
  }
}
