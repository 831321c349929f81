package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.NearCache;
import io.cacheaside.codec.Codec;
import io.cacheaside.testkit.FakeTime;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How long, how many and for how little reason near values are dropped, exact. */
@InMemoryOnly
class NearBoundsTest extends CacheTest {
  private static final Duration TTL = Duration.ofSeconds(10);

  private final FakeTime time = new FakeTime();

  private CacheAsideBuilder<String, String> near(NearCache nearCache) {
    return CacheAside.builder(name, Codec.string())
        .environment(time)
        .ttl(TTL)
        .ttlJitter(0)
        .nearCache(nearCache);
  }

  private static void readTwice(CacheAside<String, String> cache, List<String> keys) {
    for (int i = 0; i < 2; i++) {
      keys.forEach(key -> cache.get(key, other -> "v"));
    }
  }

  private static long nearHits(CacheAside<String, String> cache, List<String> keys) {
    long before = cache.stats().nearHits();
    keys.forEach(key -> cache.get(key, other -> "v"));
    return cache.stats().nearHits() - before;
  }

  @Test
  void aNearValueIsNotReadWhenItsTimeIsOver() {
    CacheAside<String, String> cache = open(near(NearCache.ofEntries(10)));
    readTwice(cache, List.of("k"));

    time.advance(TTL.minusNanos(1));
    assertThat(nearHits(cache, List.of("k"))).isEqualTo(1);
    time.advance(Duration.ofNanos(1));
    assertThat(nearHits(cache, List.of("k"))).isZero();
  }

  private static long nearHitsOfNothing(CacheAside<String, String> cache) {
    for (int i = 0; i < 3; i++) {
      assertThat(cache.get("k", key -> null)).isNull();
    }
    return cache.stats().nearHits();
  }

  @Test
  void thatTheSourceHasNothingIsKeptNearOnlyIfItIsToBe() {
    NearCache usual = NearCache.ofEntries(10);

    assertThat(nearHitsOfNothing(open(near(usual).absentTtl(TTL)))).isZero();
    assertThat(nearHitsOfNothing(open(near(usual.withAbsences()).absentTtl(TTL)))).isPositive();
  }

  /** Keys share what tells of their changes, but few of them do. */
  @Test
  void aChangeOfOneKeyLeavesMostOthersNear() {
    CacheAside<String, String> cache = open(near(NearCache.ofEntries(100)));
    List<String> keys = IntStream.range(0, 50).mapToObj(i -> "key " + i).toList();
    readTwice(cache, keys);

    cache.invalidate("changed");

    assertThat(nearHits(cache, keys)).isGreaterThanOrEqualTo(48);
  }

  @Test
  void keysWeighToo() {
    CacheAside<String, String> cache = open(near(NearCache.ofBytes(5_000)));
    String longKey = "k".repeat(50);
    List<String> keys = IntStream.range(0, 50).mapToObj(i -> longKey + i).toList();

    readTwice(cache, keys);

    eventually(() -> assertThat(cache.stats().nearEntries()).isBetween(1L, 20L));
  }

  /** What keeps few entries within their number may take its time, but values may be large. */
  @Test
  void theBoundOnBytesWaitsForNobody() {
    CacheAsideBuilder<String, String> settings =
        near(NearCache.ofBytes(5_000)).environment(FakeTime.withHeldTasks());
    try (CacheAside<String, String> cache = settings.build()) {
      List<String> keys = IntStream.range(0, 50).mapToObj(i -> "key " + i).toList();

      readTwice(cache, keys);

      assertThat(cache.stats().nearEntries()).isBetween(1L, 36L);
    }
  }
}
