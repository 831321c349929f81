package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.BulkLoadException;
import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.ReadOptions;
import io.cacheaside.SharedLoadException;
import io.cacheaside.codec.Codec;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What reads of many keys do with values that are too old, and with loads that failed before. */
@InMemoryOnly
class BulkFreshnessTest extends CacheTest {
  private static final Duration TTL = Duration.ofSeconds(100);
  private static final Duration MILLISECOND = Duration.ofMillis(1);
  private static final Duration SOFT_TIMEOUT = Duration.ofMillis(700);
  private static final List<String> KEYS = List.of("a", "b");
  private static final Map<String, String> OLD = Map.of("a", "old", "b", "old");
  private static final Map<String, String> NEW = Map.of("a", "new", "b", "new");
  private static final IllegalStateException DOWN = new IllegalStateException("down");

  private final FakeTime time = new FakeTime();

  private CacheAsideBuilder<String, String> timed() {
    return CacheAside.<String>builder(name, Codec.string()).environment(time).ttl(TTL).ttlJitter(0);
  }

  private void cachedOld(CacheAside<String, String> cache) {
    KEYS.forEach(key -> cached(cache, key, "old"));
    KEYS.forEach(key -> source.with(key, "new"));
  }

  private static Map<String, String> notLoaded(Collection<String> keys) {
    throw new AssertionError(NOT_LOADED + ": " + keys);
  }

  private static Map<String, String> failing(Collection<String> keys) {
    throw DOWN;
  }

  private Call<Map<String, String>> waitingBulkRead(CacheAside<String, String> cache) {
    source.pause();
    Call<Map<String, String>> read = callers.start(() -> cache.getAll(KEYS, source::getAll));
    source.awaitWaiting(1, Callers.DEADLINE);
    eventually(
        () ->
            assertThat(time.pendingTimers()).filteredOn(SOFT_TIMEOUT::equals).hasSize(KEYS.size()));
    return read;
  }

  private CacheAsideBuilder<String, String> impatient() {
    return timed().staleIfError(Duration.ofHours(1)).softTimeout(SOFT_TIMEOUT);
  }

  @Test
  void aReadGoesOnWithTheStaleValuesAfterTheSoftTimeout() throws Exception {
    CacheAside<String, String> cache = open(impatient());
    cachedOld(cache);
    time.advance(TTL);
    Call<Map<String, String>> read = waitingBulkRead(cache);
    time.advance(SOFT_TIMEOUT.minus(MILLISECOND));
    assertThat(read.isDone()).isFalse();

    time.advance(MILLISECOND);

    assertThat(read.result()).isEqualTo(OLD);
    assertThat(cache.stats().staleServed()).isEqualTo(2);
    source.resume();
    eventually(() -> KEYS.forEach(key -> assertCached(cache, key, "new")));
    assertThat(source.bulkReads()).isEqualTo(1);
  }

  @Test
  void aKeyWithoutAStaleValueIsWaitedFor() throws Exception {
    CacheAside<String, String> cache = open(impatient());
    cached(cache, "a", "old");
    time.advance(TTL);
    source.with("a", "new").with("b", "new").pause();
    Call<Map<String, String>> read = callers.start(() -> cache.getAll(KEYS, source::getAll));
    source.awaitWaiting(1, Callers.DEADLINE);
    eventually(() -> assertThat(time.pendingTimers()).contains(SOFT_TIMEOUT));

    time.advance(SOFT_TIMEOUT);
    eventually(() -> assertThat(cache.stats().staleServed()).isEqualTo(1));
    assertThat(read.isDone()).isFalse();
    source.resume();

    assertThat(read.result()).isEqualTo(Map.of("a", "old", "b", "new"));
    eventually(() -> KEYS.forEach(key -> assertCached(cache, key, "new")));
  }

  @Test
  void whileLoadsAreHeldBackTheOtherKeysAreLoaded() throws Exception {
    CacheAside<String, String> cache =
        open(timed().failureBackoff(Duration.ofSeconds(2), Duration.ofSeconds(6)));
    source.with("a", "1").with("b", "2");
    assertThat(
            callers.start(() -> cache.getAll(List.of("a"), BulkFreshnessTest::failing)).failure())
        .isInstanceOf(BulkLoadException.class)
        .hasCause(DOWN);

    BulkLoadException failure = heldBack(cache, "a", "b");

    assertThat(failure.failures()).containsOnlyKeys("a");
    assertThat(failure.failures().get("a")).isInstanceOf(SharedLoadException.class);
    assertThat(failure.values()).containsOnly(Map.entry("b", "2"));
    assertThat(source.reads("a")).isZero();
    time.advance(Duration.ofSeconds(1));
    assertThat(cache.getAll(KEYS, source::getAll)).isEqualTo(Map.of("a", "1", "b", "2"));
  }

  private BulkLoadException heldBack(CacheAside<String, String> cache, String... keys)
      throws Exception {
    Throwable failure = callers.start(() -> cache.getAll(List.of(keys), source::getAll)).failure();
    assertThat(failure).isInstanceOf(BulkLoadException.class);
    assertThat(failure).hasCauseInstanceOf(SharedLoadException.class);
    return (BulkLoadException) failure;
  }

  @Test
  void whileLoadsAreHeldBackStaleValuesStandIn() {
    CacheAside<String, String> cache = open(timed().staleIfError(Duration.ofHours(1)));
    cachedOld(cache);
    time.advance(TTL);
    assertThat(cache.getAll(KEYS, BulkFreshnessTest::failing)).isEqualTo(OLD);

    eventually(() -> assertThat(cache.getAll(KEYS, BulkFreshnessTest::notLoaded)).isEqualTo(OLD));

    time.advance(Duration.ofSeconds(1));
    assertThat(cache.getAll(KEYS, source::getAll)).isEqualTo(NEW);
  }

  @Test
  void maxAgeHoldsForStaleValuesThatAreReturnedAtOnce() {
    CacheAside<String, String> cache =
        open(timed().staleWhileRevalidate(Duration.ofHours(1)).loadTimeout(Duration.ofMinutes(5)));
    cachedOld(cache);
    time.advance(TTL.plusSeconds(5));
    ReadOptions tooOld = ReadOptions.defaults().maxAge(TTL.plusSeconds(5).minus(MILLISECOND));

    assertThat(cache.getAll(KEYS, tooOld, source::getAll)).isEqualTo(NEW);

    assertThat(cache.stats().staleServed()).isZero();
    eventually(() -> KEYS.forEach(key -> assertCached(cache, key, "new")));
  }

  @Test
  void aStaleValueOfExactlyMaxAgeIsReturnedAtOnce() {
    CacheAside<String, String> cache = open(timed().staleWhileRevalidate(Duration.ofHours(1)));
    cachedOld(cache);
    time.advance(TTL.plusSeconds(5));
    ReadOptions justYoung = ReadOptions.defaults().maxAge(TTL.plusSeconds(5));

    assertThat(cache.getAll(KEYS, justYoung, source::getAll)).isEqualTo(OLD);

    eventually(() -> KEYS.forEach(key -> assertCached(cache, key, "new")));
  }

  @Test
  void maxAgeHoldsForStaleValuesThatStandIn() throws Exception {
    CacheAside<String, String> cache = open(timed().staleIfError(Duration.ofHours(1)));
    cachedOld(cache);
    time.advance(TTL.plusSeconds(5));
    ReadOptions justYoung = ReadOptions.defaults().maxAge(TTL.plusSeconds(5));

    assertThat(cache.getAll(KEYS, justYoung, BulkFreshnessTest::failing)).isEqualTo(OLD);
    time.advance(MILLISECOND);

    Call<?> read = callers.start(() -> cache.getAll(KEYS, justYoung, BulkFreshnessTest::failing));
    assertThat(((BulkLoadException) read.failure()).failures()).containsOnlyKeys(KEYS.toArray());
  }
}
