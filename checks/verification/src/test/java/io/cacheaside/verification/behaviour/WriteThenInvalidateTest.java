package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.CacheAside;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.RetryPolicy;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A write to the source together with the invalidation of its key. */
@OnEveryStore
@Tag("races")
class WriteThenInvalidateTest extends CacheTest {

  static Stream<Exception> failures() {
    return Stream.of(new IOException("checked"), new IllegalStateException("unchecked"));
  }

  @Test
  void afterTheWriteTheKeyIsInvalidated() throws Exception {
    CacheAside<String, String> cache = open();
    cached(cache, "k", "old");

    int rows =
        cache.writeThenInvalidate(
            "k",
            () -> {
              source.with("k", "new");
              assertCached(cache, "k", "old");
              return 1;
            });

    assertThat(rows).isEqualTo(1);
    assertNotCached(cache, "k");
    assertThat(cache.get("k", source::get)).isEqualTo("new");
  }

  @Test
  void aWriteMayReturnNothing() {
    CacheAside<String, String> cache = open();
    cached(cache, "k", "old");

    Object nothing = cache.writeThenInvalidate("k", () -> null);

    assertThat(nothing).isNull();
    assertNotCached(cache, "k");
  }

  @Test
  void theWriteIsMadeOnce() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    AtomicInteger writes = new AtomicInteger();
    store.next(Operation.REMOVE).loseReply(Reason.TIMED_OUT);

    cache.writeThenInvalidate("k", writes::incrementAndGet);

    assertThat(writes).hasValue(1);
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aFailedWriteMayHaveBeenCommittedSoTheKeyIsInvalidatedToo(Exception thrown) {
    CacheAside<String, String> cache = open();
    cached(cache, "k", "old");

    assertThatThrownBy(
            () ->
                cache.writeThenInvalidate(
                    "k",
                    () -> {
                      throw thrown;
                    }))
        .isSameAs(thrown);

    assertNotCached(cache, "k");
  }

  @Test
  void anErrorOfTheWriteComesOutToo() {
    CacheAside<String, String> cache = open();
    cached(cache, "k", "old");
    Error thrown = new AssertionError("an error");

    assertThatThrownBy(
            () ->
                cache.writeThenInvalidate(
                    "k",
                    () -> {
                      throw thrown;
                    }))
        .isSameAs(thrown);

    assertNotCached(cache, "k");
  }

  @Test
  void ifOnlyTheInvalidationFailsTheResultOfTheWriteIsKept() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(builder().store(store).invalidationRetry(RetryPolicy.none()));
    store.every(Operation.REMOVE).fail(Reason.DISCONNECTED);

    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(() -> cache.writeThenInvalidate("k", () -> "17 rows"))
        .withMessageContainingAll("'k'", "committed")
        .withCauseInstanceOf(StoreException.class)
        .satisfies(
            e -> {
              assertThat(e.isWriteCommitted()).isTrue();
              assertThat(e.writeResult()).contains("17 rows");
            });
  }

  @Test
  void ifBothFailTheFailureOfTheWriteComesOutAndCarriesTheOther() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(builder().store(store).invalidationRetry(RetryPolicy.none()));
    store.every(Operation.REMOVE).fail(Reason.DISCONNECTED);
    IOException thrown = new IOException("no source");

    assertThatThrownBy(
            () ->
                cache.writeThenInvalidate(
                    "k",
                    () -> {
                      throw thrown;
                    }))
        .isSameAs(thrown);

    assertThat(thrown.getSuppressed())
        .singleElement()
        .isInstanceOf(InvalidationFailedException.class);
  }

  @Test
  void aLoadUnderWayIsNotStored() throws Exception {
    CacheAside<String, String> cache = open();
    source.with("k", "old").pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    cache.writeThenInvalidate("k", () -> source.with("k", "new"));
    source.resume();

    load.result();
    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    assertThat(cache.get("k", source::get)).isEqualTo("new");
  }

  @Test
  void ifTheCacheIsClosedDuringTheWriteTheKeyIsInvalidatedAllTheSame() {
    CacheAside<String, String> cache = open();
    cached(cache, "k", "old");

    String result =
        cache.writeThenInvalidate(
            "k",
            () -> {
              cache.close();
              return "written";
            });

    assertThat(result).isEqualTo("written");
    assertNotCached(open(), "k");
  }
}
