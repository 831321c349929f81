package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.ReadOptions;
import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.Store;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The time after an invalidation in which loads are served and not cached, exact. */
@InMemoryOnly
class HoldOffTest extends CacheTest {
  private static final Duration HOLD_OFF = Duration.ofSeconds(10);
  private static final Duration MILLISECOND = Duration.ofMillis(1);

  private final FakeTime time = new FakeTime();

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
  void aRefreshWithinItsTimeDoesNotBringBackAnOlderVersion() {
    ReadOptions forced = ReadOptions.defaults().forceRefresh();
    CacheAside<String, String> cache = open(versioned());
    cache.invalidate("k", 7);
    cached(cache, "k", "7");

    assertThat(cache.get("k", forced, key -> "6")).isEqualTo("6");
    assertCached(cache, "k", "7");
    assertThat(cache.get("k", forced, key -> null)).isNull();
    assertCached(cache, "k", "7");
    assertThat(cache.get("k", forced, key -> "8")).isEqualTo("8");
    eventually(() -> assertCached(cache, "k", "8"));
  }

  @Test
  void whoComesAfterItsTimeDoesNotShareALoadThatBeganWithinIt() throws Exception {
    CacheAside<String, String> cache = open(versioned());
    cache.invalidate("k", 7);
    cached(cache, "k", "7");
    ReadOptions forced = ReadOptions.defaults().forceRefresh();
    ReadOptions young = ReadOptions.defaults().maxAge(MILLISECOND);
    source.with("k", "6").pause();
    Call<String> early = callers.start(() -> cache.get("k", forced, source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    time.advance(HOLD_OFF);
    Call<String> late = callers.start(() -> cache.get("k", young, key -> "8"));

    assertThat(late.result()).isEqualTo("8");
    source.resume();
    assertThat(early.result()).isEqualTo("6");
  }

  /** Text as one of several versions of a class writes it, which the others cannot read. */
  private record Shape(String mark) implements Codec<String> {
    @Override
    public byte[] encode(String value) {
      return Codec.string().encode(mark + value);
    }

    @Override
    public String decode(ByteBuffer payload) {
      String text = Codec.string().decode(payload);
      if (!text.startsWith(mark)) {
        throw new CodecException("of another version");
      }
      return text.substring(mark.length());
    }
  }

  private CacheAside<String, String> of(Shape shape, Store store) {
    return open(
        CacheAside.builder(name, shape)
            .store(store)
            .environment(time)
            .ttlJitter(0)
            .holdOff(HOLD_OFF)
            .version(Long::parseLong));
  }

  @Test
  void nothingJoinsOrReplacesWhatEndedItAndCannotBeRead() {
    Store store = InMemoryStore.builder().nanoTime(time::nanoTime).build();
    CacheAside<String, String> cache = of(new Shape("a"), store);
    CacheAside<String, String> other = of(new Shape("b"), new FaultyStore(store));
    cache.invalidate("k", 7);
    cached(cache, "k", "7");

    assertServed(other, "6");
    assertServed(other, "5");
    assertThat(other.get("k", ReadOptions.defaults().forceRefresh(), key -> "6")).isEqualTo("6");
    assertCached(cache, "k", "7");
    time.advance(HOLD_OFF);
    assertServed(other, "7");
    eventually(() -> assertCached(other, "k", "7"));
    assertCached(cache, "k", "7");
  }

  @Test
  void whoCannotReadWhatEndedItWaitsForNoOtherProcess() throws Exception {
    Store store = InMemoryStore.builder().nanoTime(time::nanoTime).build();
    CacheAside<String, String> cache = of(new Shape("a"), store);
    CacheAside<String, String> slow = of(new Shape("b"), new FaultyStore(store));
    CacheAside<String, String> other = of(new Shape("b"), new FaultyStore(store));
    cache.invalidate("k", 7);
    cached(cache, "k", "7");
    source.with("k", "6").pause();
    Call<String> load = callers.start(() -> slow.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    assertServed(other, "5");

    source.resume();
    assertThat(load.result()).isEqualTo("6");
  }

  @Test
  void aRefreshAfterItsTimeStoresWhatItLoads() {
    ReadOptions forced = ReadOptions.defaults().forceRefresh();
    CacheAside<String, String> cache = open(versioned());
    cache.invalidate("k", 7);
    cached(cache, "k", "7");
    time.advance(HOLD_OFF);

    assertThat(cache.get("k", forced, key -> "6")).isEqualTo("6");
    eventually(() -> assertCached(cache, "k", "6"));
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

  @Test
  void nobodySharesALoadThatReadTheSourceBeforeAnInvalidation() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(versioned().store(store));
    AtomicReference<String> row = new AtomicReference<>("2");
    cache.invalidate("k", 2);
    source.with("k", "2").pause();
    Call<String> first = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    CountDownLatch slow = new CountDownLatch(1);
    Call<String> second = callers.start(() -> cache.get("k", key -> late(row.get(), slow)));
    awaitWaiting(cache, 2, List.of(second));
    FaultyStore.Hold fill = store.next(FaultyStore.Operation.SWAP).hold();
    source.resume();
    fill.awaitArrived();
    assertThat(first.result()).isEqualTo("2");
    awaitWaiting(cache, 2, List.of(second));

    row.set("3");
    cache.invalidate("k", 3);
    Call<String> afterwards = callers.start(() -> cache.get("k", key -> row.get()));
    awaitWaiting(cache, 3, List.of(second, afterwards));
    slow.countDown();
    fill.release();

    assertThat(afterwards.result()).isEqualTo("3");
  }

  private static String late(String value, CountDownLatch latch) throws InterruptedException {
    latch.await();
    return value;
  }
}
