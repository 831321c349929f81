package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;

import io.cacheaside.CacheAside;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.NearCache;
import io.cacheaside.RetryPolicy;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Reads of what is cached, which never load. */
@OnEveryStore
class PresentReadTest extends CacheTest {

  private static void assertPresent(CacheAside<String, String> cache, String key, String value) {
    assertThat(cache.getIfPresent(key)).isEqualTo(value);
    assertThat(cache.getAllPresent(List.of(key))).containsExactly(entry(key, value));
  }

  private static void assertNotPresent(CacheAside<String, String> cache, String key) {
    assertThat(cache.getIfPresent(key)).isNull();
    assertThat(cache.getAllPresent(List.of(key))).isEmpty();
  }

  @Test
  void whatIsCachedIsReturnedAndCounted() {
    CacheAside<String, String> cache = open();
    assertNotPresent(cache, "k");
    assertThat(cache.stats().misses()).isEqualTo(2);

    cache.put("k", "v");

    assertPresent(cache, "k", "v");
    assertThat(cache.stats().hits()).isEqualTo(2);
    assertThat(cache.stats().loads()).isZero();
  }

  @Test
  void aNearValueIsReturned() {
    CacheAside<String, String> cache = open(builder().nearCache(NearCache.ofEntries(10)));
    cache.put("k", "v");
    eventually(
        () -> {
          cache.getIfPresent("k");
          assertThat(cache.stats().nearHits()).isPositive();
        });
    long before = cache.stats().nearHits();

    assertPresent(cache, "k", "v");

    assertThat(cache.stats().nearHits()).isGreaterThan(before);
  }

  @Test
  void aCachedAbsenceIsAHitWithoutAValue() {
    CacheAside<String, String> cache = open(builder().absentTtl(Duration.ofMinutes(1)));
    cache.putAbsence("k");

    assertNotPresent(cache, "k");

    assertThat(cache.stats().hits()).isEqualTo(2);
  }

  @Test
  void aLoadUnderWayIsNotWaitedFor() throws Exception {
    CacheAside<String, String> cache = open();
    source.with("k", "v");
    source.pause();
    Call<String> reader = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    assertNotPresent(cache, "k");

    source.resume();
    assertThat(reader.result()).isEqualTo("v");
  }

  @Test
  void aStaleValueIsReturnedWhereGetReturnsIt() {
    CacheAside<String, String> lenient =
        open(builder().staleWhileRevalidate(Duration.ofMinutes(10)));
    lenient.put("k", "v");
    lenient.markStale("k");

    assertPresent(lenient, "k", "v");
    assertThat(lenient.stats().staleServed()).isEqualTo(2);
    assertThat(lenient.stats().refreshes()).isZero();
  }

  @Test
  void aStaleValueForErrorsIsNot() {
    CacheAside<String, String> cache = open(builder().staleIfError(Duration.ofMinutes(10)));
    cache.put("k", "v");
    cache.markStale("k");

    assertNotPresent(cache, "k");
  }

  @Test
  void nothingIsReturnedAfterAnInvalidationOfAKeyOrATag() {
    CacheAside<String, String> cache = open(builder().tags(key -> Set.of("t")).loaderTags());
    cache.put("a", "1");
    cache.put("b", "2");
    cache.getWithContext(
        "c",
        (key, context) -> {
          context.tags("named");
          return "3";
        });
    eventually(() -> assertPresent(cache, "c", "3"));

    cache.invalidate("a");
    assertNotPresent(cache, "a");
    assertPresent(cache, "b", "2");
    cache.invalidateTag("named");
    assertNotPresent(cache, "c");
    cache.invalidateTag("t");
    assertNotPresent(cache, "b");
  }

  @Test
  void aStoreThatFailsHasNothing() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    cache.put("k", "v");
    store.every(Operation.READ).fail(Reason.DISCONNECTED);
    store.every(Operation.READ_TIMED).fail(Reason.DISCONNECTED);

    assertNotPresent(cache, "k");
  }

  @Test
  void whatCouldNotBeInvalidatedIsNotReturned() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(builder().store(store).invalidationRetry(RetryPolicy.none()));
    cache.put("k", "v");
    store.every(Operation.REMOVE).fail(Reason.DISCONNECTED);
    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(() -> cache.invalidate("k"));

    assertNotPresent(cache, "k");
    store.heal();
  }

  @Test
  void manyKeysAreReadInTheirOrder() {
    CacheAside<String, String> cache = open();
    List<String> keys = IntStream.range(0, 1_200).mapToObj(i -> "k" + i).toList();
    Map<String, String> values =
        keys.stream()
            .filter(key -> key.hashCode() % 2 == 0)
            .collect(Collectors.toMap(key -> key, key -> "value of " + key));
    cache.putAll(values);

    Map<String, String> present = cache.getAllPresent(keys);

    assertThat(present).isEqualTo(values);
    assertThat(present.keySet())
        .containsExactlyElementsOf(keys.stream().filter(values::containsKey).toList());
    assertThat(cache.getAllPresent(List.of())).isEmpty();
  }
}
