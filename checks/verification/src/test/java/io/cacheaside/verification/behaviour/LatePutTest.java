package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Hold;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Puts whose commands are executed after a later invalidation has returned. */
@OnEveryStore
class LatePutTest extends CacheTest {
  private static final Duration SHORT_LEASE = Duration.ofMillis(200);

  private FaultyStore store;
  private CacheAside<String, String> cache;

  @BeforeEach
  void openCache() {
    store = faultyStore();
    cache = open(builder().store(store).leaseTime(SHORT_LEASE));
  }

  private void putFails() {
    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> cache.put("k", "old"))
        .satisfies(e -> assertThat(e.isOutcomeUnknown()).isTrue());
  }

  private Hold late(Operation operation) {
    Hold late = store.next(operation).of(stored("k")).hold();
    late.fail(Reason.TIMED_OUT);
    return late;
  }

  /** Changes the source, invalidates, and lets the network deliver what it has kept. */
  private void deliverAfterAnInvalidation(Hold late) {
    source.with("k", "new");
    cache.invalidate("k");
    late.release();
  }

  private void assertNothingOldIsRead() {
    assertThat(cache.lookup("k").value()).isEmpty();
    assertThat(cache.get("k", source::get)).isEqualTo("new");
  }

  @Test
  void aLateValueOfAnEmptyKeyIsRefused() {
    Hold late = late(Operation.SWAP);
    putFails();

    deliverAfterAnInvalidation(late);

    assertNothingOldIsRead();
  }

  @Test
  void aLateValueThatWouldReplaceAnotherIsRefused() {
    cached(cache, "k", "older");
    Hold late = late(Operation.SWAP);
    putFails();

    deliverAfterAnInvalidation(late);

    assertNothingOldIsRead();
  }

  @Test
  void aLateLeaseExpiresAndNothingIsStoredUnderIt() {
    Hold late = late(Operation.PUT_IF_ABSENT);
    putFails();

    deliverAfterAnInvalidation(late);

    assertNothingOldIsRead();
  }

  @Test
  void aLateValueOfSeveralIsRefused() {
    Hold late = late(Operation.SWAP);
    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> cache.putAll(Map.of("k", "old", "other", "value")));

    deliverAfterAnInvalidation(late);

    assertNothingOldIsRead();
    assertCached(cache, "other", "value");
  }

  @Test
  void aLeaseThatAFailedPutLeftIsGivenBack() {
    store.next(Operation.SWAP).fail(Reason.REFUSED);
    assertThatExceptionOfType(StoreException.class).isThrownBy(() -> cache.put("k", "old"));

    source.with("k", "new");
    eventually(() -> assertThat(store.count(Operation.REMOVE_STAMPED, stored("k"))).isEqualTo(1));
    cached(cache, "k", "new");
  }

  @Test
  void aFillThatComesInBetweenIsReplaced() throws Exception {
    source.with("k", "loaded before").pause();
    CacheAside<String, String> other = open(builder().store(anotherStore()));
    Call<String> load = callers.start(() -> other.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    Hold swap = store.next(Operation.SWAP).hold();
    Call<Void> putting =
        callers.start(
            () -> {
              cache.put("k", "put");
              return null;
            });
    swap.awaitArrived();
    source.resume();
    load.result();
    eventually(() -> assertCached(other, "k", "loaded before"));

    swap.release();

    putting.result();
    assertCached(cache, "k", "put");
  }

  @Test
  void whatAnotherProgramHasPutThereIsReplaced() {
    setup.backend().putForeign(stored("k"));

    cache.put("k", "v");

    assertCached(cache, "k", "v");
  }
}
