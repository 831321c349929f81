package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.codec.CodecException;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Values that a caller vouches for. */
@OnEveryStore
class PutTest extends CacheTest {

  @Test
  void aPutValueIsReadWithoutALoad() {
    CacheAside<String, String> cache = open();

    cache.put("k", "v");

    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("v");
  }

  @Test
  void aPutReplacesAValueAndAnAbsence() {
    CacheAside<String, String> cache = open(builder().absentTtl(Duration.ofHours(1)));
    cached(cache, "k", "old");
    cache.get("absent", source::get);

    cache.put("k", "new");
    cache.put("absent", "there now");

    assertCached(cache, "k", "new");
    assertCached(cache, "absent", "there now");
  }

  @Test
  void aLoadUnderWayDoesNotReplaceAPutValue() throws Exception {
    CacheAside<String, String> cache = open();
    source.with("k", "loaded before");
    source.pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    cache.put("k", "put");
    source.resume();

    assertThat(load.result()).isEqualTo("loaded before");
    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    assertCached(cache, "k", "put");
  }

  @Test
  void aValueThatIsTooLargeIsRefusedAndNothingChanges() {
    CacheAside<String, String> cache = open(builder().maxPayloadBytes(3));
    cache.put("k", "123");

    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> cache.put("k", "1234"))
        .withMessageContainingAll("4", "maxPayloadBytes", "3");

    assertCached(cache, "k", "123");
  }

  @Test
  void aStoreThatFailsIsReportedAndNotAskedAgain() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    store.every(Operation.SWAP).fail(Reason.REFUSED);

    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> cache.put("k", "v"))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.REFUSED));

    assertThat(store.count(Operation.SWAP)).isEqualTo(1);
    eventually(() -> assertNotCached(cache, "k"));
  }

  @Test
  void aPutWithoutAReplyMayHaveBeenDone() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    store.next(Operation.SWAP).loseReply(Reason.TIMED_OUT);

    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> cache.put("k", "v"))
        .satisfies(e -> assertThat(e.isOutcomeUnknown()).isTrue());

    assertCached(cache, "k", "v");
    assertThat(store.count(Operation.SWAP)).isEqualTo(1);
  }
}
