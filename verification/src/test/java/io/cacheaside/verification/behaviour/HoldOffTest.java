package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.codec.Codec;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The time after an invalidation in which loads are served and not cached, exact. */
@InMemoryOnly
class HoldOffTest extends CacheTest {
  private static final Duration HOLD_OFF = Duration.ofSeconds(10);
  private static final Duration MILLISECOND = Duration.ofMillis(1);

  private final SteppedTime time = new SteppedTime();

  private CacheAsideBuilder<String, String> holding() {
    return CacheAside.builder(name, Codec.string())
        .environment(time)
        .ttlJitter(0)
        .holdOff(HOLD_OFF);
  }

  private CacheAsideBuilder<String, String> versioned() {
    return holding().version(Long::parseLong);
  }

  private static void assertServed(CacheAside<String, String> cache, String value) {
    assertThat(cache.get("k", key -> value)).isEqualTo(value);
  }

  @Test
  void loadsAreServedAndNotCachedUntilItIsOver() {
    CacheAside<String, String> cache = open(holding());
    cached(cache, "k", "old");

    cache.invalidate("k");

    assertServed(cache, "lagging");
    time.advance(HOLD_OFF.minus(MILLISECOND));
    assertServed(cache, "lagging too");
    assertServed(cache, "new");
    time.advance(MILLISECOND);
    cached(cache, "k", "new");
  }

  @Test
  void aLaterInvalidationBeginsItAnew() {
    CacheAside<String, String> cache = open(holding());
    cache.invalidate("k");
    time.advance(HOLD_OFF.dividedBy(2));
    cache.invalidate("k");

    time.advance(HOLD_OFF.minus(MILLISECOND));

    assertServed(cache, "lagging");
    assertServed(cache, "new");
    time.advance(MILLISECOND);
    cached(cache, "k", "new");
  }

  @Test
  void aPutMeanwhileStoresNothing() {
    CacheAside<String, String> cache = open(holding());
    cache.invalidate("k");

    cache.put("k", "put");

    assertNotCached(cache, "k");
    time.advance(HOLD_OFF);
    cache.put("k", "put");
    assertCached(cache, "k", "put");
  }

  @Test
  void aLowerVersionIsNotCachedAndTheOneThatWasWrittenIs() {
    CacheAside<String, String> cache = open(versioned());
    cache.invalidate("k", 7);

    assertServed(cache, "6");
    assertServed(cache, "5");
    cached(cache, "k", "7");
  }

  @Test
  void aHigherVersionIsCached() {
    CacheAside<String, String> cache = open(versioned());
    cache.invalidate("k", 7);

    cached(cache, "k", "8");
  }

  @Test
  void ofTwoVersionsTheHigherCounts() {
    CacheAside<String, String> cache = open(versioned());
    cache.invalidate("k", 7);
    cache.invalidate("k", 5);

    assertServed(cache, "6");
    assertServed(cache, "5");
    cached(cache, "k", "7");
  }

  @Test
  void versionsNeedAHoldOff() {
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> CacheAside.builder(name, Codec.string()).version(Long::parseLong).build())
        .withMessageContaining("holdOff is not");
    CacheAside<String, String> cache = open(holding());
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> cache.invalidate("k", 7))
        .withMessageContaining("needs holdOff and version");
  }
}
