package io.cacheaside.testkit;

import static io.cacheaside.testkit.CacheAssertions.assertNoStaleAfterInvalidate;
import static io.cacheaside.testkit.CacheAssertions.assertSingleLoad;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.Store;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("races")
@Timeout(60)
class CacheAssertionsTest {
  private static final int CALLERS = 32;
  private static final int WRITES = 40;

  private final Store store = InMemoryStore.create();

  /** Looks, loads, puts: what most code that calls itself cache-aside does. */
  private static class Naive implements CacheUnderTest<String, String> {
    final Map<String, String> entries = new ConcurrentHashMap<>();

    @Override
    public String get(String key, Function<String, String> source) {
      String cached = entries.get(key);
      if (cached != null) {
        return cached;
      }
      String loaded = source.apply(key);
      entries.put(key, loaded);
      return loaded;
    }

    @Override
    public void invalidate(String key) {
      entries.remove(key);
    }
  }

  /** Single-flight by a lock of the process, under which invalidations wait too. */
  private static class Locking extends Naive {
    @Override
    public synchronized String get(String key, Function<String, String> source) {
      return super.get(key, source);
    }

    @Override
    public synchronized void invalidate(String key) {
      super.invalidate(key);
    }
  }

  private CacheAside<String, String> cache() {
    return builder().store(new FaultyStore(store)).build();
  }

  private static CacheAsideBuilder<String, String> builder() {
    return CacheAside.builder("assertions", Codec.string());
  }

  @Test
  void aCacheLoadsOnceThroughEitherFace() {
    try (CacheAside<String, String> cache = cache()) {
      assertSingleLoad(CALLERS, "blocking", "v", CacheUnderTest.of(cache));
      assertSingleLoad(CALLERS, "async", "v", CacheUnderTest.of(cache.async()));
      assertSingleLoad(
          CALLERS, "both", "v", CacheUnderTest.of(cache), CacheUnderTest.of(cache.async()));
    }
  }

  @Test
  void cachesOnOneStoreLoadOnce() {
    try (CacheAside<String, String> one = cache();
        CacheAside<String, String> other = cache()) {
      assertSingleLoad(CALLERS, "k", "v", CacheUnderTest.of(one), CacheUnderTest.of(other.async()));
    }
  }

  @Test
  void moreLoadsThanOneAreSeen() {
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> assertSingleLoad(CALLERS, "k", "v", new Naive()))
        .withMessageContaining("32 callers caused ")
        .withMessageContaining("begins load 2 of k");
  }

  @Test
  void aLockOfOneProcessIsNotEnoughForTwo() {
    assertSingleLoad(CALLERS, "k", "v", new Locking());

    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> assertSingleLoad(CALLERS, "k", "v", new Locking(), new Locking()))
        .withMessageContaining("32 callers caused 2 loads of k, not one:");
  }

  @Test
  void aKeyThatIsCachedBeforeIsSeen() {
    Naive cache = new Naive();
    cache.entries.put("k", "other");

    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> assertSingleLoad(CALLERS, "k", "v", cache))
        .withMessageContaining("caused 0 loads");
  }

  @Test
  void anotherValueIsSeen() {
    Naive changing =
        new Locking() {
          @Override
          public synchronized String get(String key, Function<String, String> source) {
            return super.get(key, source) + "!";
          }
        };

    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> assertSingleLoad(CALLERS, "k", "v", changing))
        .withMessageContaining("A caller got v! and not v");
  }

  @Test
  void aCacheIsNotStaleThroughEitherFace() {
    try (CacheAside<String, String> cache = cache()) {
      assertNoStaleAfterInvalidate(WRITES, "k", i -> "v" + i, CacheUnderTest.of(cache));
      assertNoStaleAfterInvalidate(WRITES, "l", i -> "v" + i, CacheUnderTest.of(cache.async()));
    }
  }

  @Test
  void cachesOnOneStoreAreNotStale() {
    try (CacheAside<String, String> one = cache();
        CacheAside<String, String> other = cache()) {
      assertNoStaleAfterInvalidate(
          WRITES,
          "k",
          i -> "v" + i,
          CacheUnderTest.of(one),
          CacheUnderTest.of(one.async()),
          CacheUnderTest.of(other));
    }
  }

  @Test
  void invalidationsThatWaitForLoadsDoNotHangTheRace() {
    assertNoStaleAfterInvalidate(WRITES, "k", i -> "v" + i, new Locking());
  }

  @Test
  void aStaleValueIsSeenWithTheOrderOfEvents() {
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> assertNoStaleAfterInvalidate(WRITES, "k", i -> "v" + i, new Naive()))
        .satisfies(
            failure ->
                assertThat(failure.getMessage())
                    .contains(
                        "although the invalidation of version ",
                        "loads version ",
                        "commits version ",
                        "sees the invalidation of version ",
                        "comes back from the source with version "));
  }

  @Test
  void aForgottenInvalidationIsSeen() {
    Naive forgetful =
        new Naive() {
          @Override
          public void invalidate(String key) {}
        };

    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> assertNoStaleAfterInvalidate(WRITES, "k", i -> "v" + i, forgetful))
        .withMessageContaining("A read of k returned v");
  }

  @Test
  void whatACacheThrowsFailsTheAssertion() {
    IllegalStateException broken = new IllegalStateException("broken");
    CacheUnderTest<String, String> cache =
        new Naive() {
          @Override
          public String get(String key, Function<String, String> source) {
            throw broken;
          }
        };

    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> assertSingleLoad(CALLERS, "k", "v", cache))
        .withCause(broken);
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> assertNoStaleAfterInvalidate(WRITES, "k", i -> "v" + i, cache))
        .withCause(broken);
  }

  @Test
  void somethingMustBeTested() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> assertSingleLoad(0, "k", "v", new Naive()));
    assertThatIllegalArgumentException().isThrownBy(() -> assertSingleLoad(1, "k", "v"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> assertNoStaleAfterInvalidate(0, "k", i -> "v" + i, new Naive()));
  }
}
