package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.WriteFence;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Fences around writes: the old value is gone before the commit, and none is cached meanwhile. */
@OnEveryStore
class WriteFenceTest extends CacheTest {

  private CacheAsideBuilder<String, String> fenced() {
    return builder().fenceTime(Duration.ofMinutes(1));
  }

  private static void assertNothingIsKept(CacheAside<String, String> cache) {
    assertThat(cache.get("k", key -> "one")).isEqualTo("one");
    assertThat(cache.get("k", key -> "two")).isEqualTo("two");
  }

  @Test
  void duringAWriteNothingIsCachedAndAfterItTheNewValueIs() {
    CacheAside<String, String> cache = open(fenced());
    cached(cache, "k", "old");

    cache.writeThenInvalidate(
        "k",
        () -> {
          assertNothingIsKept(cache);
          return "written";
        });

    cached(cache, "k", "new");
  }

  @Test
  void inTwoStepsItEndsWithTheInvalidation() {
    CacheAside<String, String> cache = open(fenced());
    cached(cache, "k", "old");
    WriteFence fence = cache.fence("k");
    assertNothingIsKept(cache);

    fence.invalidate();

    cached(cache, "k", "new");
  }

  @Test
  void afterARollbackItIsLifted() {
    CacheAside<String, String> cache = open(fenced());
    WriteFence fence = cache.fence("k");

    fence.lift();

    cached(cache, "k", "v");
    fence.close();
    assertCached(cache, "k", "v");
  }

  @Test
  void whoeverInvalidatesDoesNotLiftTheFenceOfAnother() {
    CacheAside<String, String> cache = open(fenced());
    CacheAside<String, String> elsewhere = open(fenced().store(anotherStore()));
    try (WriteFence fence = cache.fence("k")) {
      elsewhere.invalidate("k");
      cache.put("k", "put");

      assertNothingIsKept(elsewhere);
      fence.invalidate();
    }
    cached(elsewhere, "k", "new");
  }

  @Test
  void theEndOfOneWriteDoesNotEndTheFenceOfAnother() {
    CacheAside<String, String> cache = open(fenced());
    CacheAside<String, String> elsewhere = open(fenced().store(anotherStore()));
    WriteFence first = cache.fence("k");
    WriteFence second = elsewhere.fence("k");

    first.invalidate();
    assertNothingIsKept(cache);
    second.invalidate();

    assertNothingIsKept(cache);
  }

  @Test
  void itEndsByItself() {
    CacheAside<String, String> cache = open(builder().fenceTime(Duration.ofMillis(20)));
    cache.fence("k");

    eventually(
        () -> {
          cache.get("k", key -> "v");
          assertCached(cache, "k", "v");
        });
  }

  @Test
  void aDeadStoreDoesNotKeepAnybodyFromWriting() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(fenced().store(store));
    store.next(FaultyStore.Operation.READ_TIMED).fail(Reason.TIMED_OUT);

    assertThat(cache.<String, RuntimeException>writeThenInvalidate("k", () -> "written"))
        .isEqualTo("written");
  }

  @Test
  void withoutAFenceTimeThereAreNoFences() {
    CacheAside<String, String> cache = open();

    assertThatThrownBy(() -> cache.fence("k"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("fenceTime");
  }

  @Test
  void itEndsWhereItIsClosed() {
    CacheAside<String, String> cache = open(fenced());
    cached(cache, "k", "old");

    try (WriteFence fence = cache.fence("k")) {
      assertThat(fence).isNotNull();
      assertNothingIsKept(cache);
    }

    cached(cache, "k", "new");
  }
}
