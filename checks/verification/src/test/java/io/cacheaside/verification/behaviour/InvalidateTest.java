package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.RetryPolicy;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The end of what is cached, and what happens if the store does not confirm it. */
@OnEveryStore
class InvalidateTest extends CacheTest {
  private static final Duration MILLISECOND = Duration.ofMillis(1);

  @Test
  void anInvalidatedValueIsLoadedAgain() {
    CacheAside<String, String> cache = open();
    cached(cache, "k", "old");
    source.with("k", "new");

    cache.invalidate("k");

    assertNotCached(cache, "k");
    assertThat(cache.get("k", source::get)).isEqualTo("new");
  }

  @Test
  void whatIsNotCachedCanBeInvalidated() {
    CacheAside<String, String> cache = open();

    cache.invalidate("k");
    cache.invalidate("k");

    assertNotCached(cache, "k");
  }

  @Test
  void otherKeysStay() {
    CacheAside<String, String> cache = open();
    cached(cache, "a", "1");
    cached(cache, "aa", "2");

    cache.invalidate("a");

    assertCached(cache, "aa", "2");
  }

  @Test
  void severalKeysAreInvalidatedTogether() {
    CacheAside<String, String> cache = open();
    for (String key : List.of("a", "b", "c", "d")) {
      cached(cache, key, key);
    }

    cache.invalidateAll(List.of("a", "c", "a", "not cached"));

    assertNotCached(cache, "a");
    assertNotCached(cache, "c");
    assertCached(cache, "b", "b");
    assertCached(cache, "d", "d");
  }

  @Test
  void noKeysAtAllAreFine() {
    CacheAside<String, String> cache = open();
    cached(cache, "k", "v");

    cache.invalidateAll(List.of());

    assertCached(cache, "k", "v");
  }

  @Test
  void manyKeysAreInvalidatedTogether() {
    CacheAside<String, String> cache = open();
    List<String> keys = BulkTest.keys(10_000);
    cache.getAll(keys, BulkTest::itself);

    cache.invalidateAll(keys);

    assertThat(cache.invalidateMatching("*")).isZero();
  }

  @Test
  void aFailedAttemptIsRepeated() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(retrying(store, 3));
    cached(cache, "k", "v");
    store.next(Operation.REMOVE).fail(Reason.DISCONNECTED);
    store.next(Operation.REMOVE).fail(Reason.TIMED_OUT);

    cache.invalidate("k");

    assertNotCached(cache, "k");
    assertThat(store.count(Operation.REMOVE)).isGreaterThanOrEqualTo(3);
  }

  @Test
  void anAttemptWhoseReplyWasLostIsRepeated() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(retrying(store, 2));
    cached(cache, "k", "v");
    store.next(Operation.REMOVE).loseReply(Reason.INTERRUPTED);

    cache.invalidate("k");

    assertNotCached(cache, "k");
    assertThat(store.count(Operation.REMOVE)).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource
  void anInvalidationThatFailsForGoodIsNeverSilent(Reason reason) {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(retrying(store, 3));
    cached(cache, "k", "v");
    store.every(Operation.REMOVE).fail(reason);

    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(() -> cache.invalidate("k"))
        .withMessageContainingAll("'" + name + "'", "key 'k'", "not confirmed")
        .satisfies(
            e -> {
              assertThat(e.cacheName()).isEqualTo(name);
              assertThat(e.isWriteCommitted()).isFalse();
              assertThat(e.writeResult()).isEmpty();
            })
        .withCauseInstanceOf(StoreException.class)
        .extracting(e -> ((StoreException) e.getCause()).reason())
        .isEqualTo(reason);

    assertThat(store.count(Operation.REMOVE)).isEqualTo(3);
    assertThat(cache.stats().invalidations()).isZero();
    store.heal();
    cache.invalidate("k");
    assertNotCached(cache, "k");
  }

  @Test
  void ofSeveralKeysThoseThatTheStoreConfirmedAreInvalidated() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(retrying(store, 1));
    for (String key : List.of("a", "b", "c")) {
      cached(cache, key, key);
    }
    store.every(Operation.REMOVE).of(stored("b")).fail(Reason.REFUSED);

    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(() -> cache.invalidateAll(List.of("a", "b", "c")))
        .withMessageContaining("3 keys");

    CacheAside<String, String> elsewhere = open(builder().store(anotherStore()));
    assertNotCached(elsewhere, "a");
    assertCached(elsewhere, "b", "b");
    assertNotCached(elsewhere, "c");
  }

  @Test
  void aFailedInvalidationOfAPatternIsNeverSilent() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(retrying(store, 2));
    store.every(Operation.REMOVE_MATCHING).fail(Reason.INTERRUPTED);

    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(() -> cache.invalidateMatching("user:*"))
        .withMessageContaining("pattern 'user:*'")
        .withCauseInstanceOf(StoreException.class);
    assertThatExceptionOfType(InvalidationFailedException.class).isThrownBy(cache::clear);

    assertThat(store.count(Operation.REMOVE_MATCHING)).isGreaterThanOrEqualTo(4);
  }

  @Test
  void keysCanBeKeptOutOfMessages() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(retrying(store, 1).redactKeys(true));
    store.every().fail(Reason.REFUSED);

    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(() -> cache.invalidate("secret"))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(() -> cache.invalidateMatching("secret*"))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
  }

  private CacheAsideBuilder<String, String> retrying(FaultyStore store, int maxAttempts) {
    return builder()
        .store(store)
        .invalidationRetry(RetryPolicy.of(maxAttempts).delays(MILLISECOND, MILLISECOND));
  }
}
