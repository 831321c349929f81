package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cacheaside.CacheAside;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.Lookup;
import io.cacheaside.RetryPolicy;
import io.cacheaside.WriteFence;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.testkit.ForwardingStore;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Puts of a value where there is none, and of an absence. */
@OnEveryStore
class ConditionalPutTest extends CacheTest {

  @Test
  void aValueIsStoredWhereThereIsNone() {
    CacheAside<String, String> cache = open();

    assertThat(cache.putIfAbsent("k", "first")).isTrue();
    assertThat(cache.putIfAbsent("k", "second")).isFalse();

    assertCached(cache, "k", "first");
    assertThat(cache.stats().puts()).isEqualTo(1);
  }

  @Test
  void ofManyAtOnceOneStores() throws Exception {
    CacheAside<String, String> cache = open();
    List<Call<Boolean>> calls = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String value = "v" + i;
      calls.add(callers.start(() -> cache.putIfAbsent("k", value)));
    }

    List<Boolean> stored = Callers.results(calls);

    assertThat(stored).containsOnlyOnce(true);
    assertCached(cache, "k", "v" + stored.indexOf(true));
  }

  @Test
  void aCachedAbsenceIsNoEmptyPlace() {
    CacheAside<String, String> cache = open(builder().absentTtl(Duration.ofMinutes(1)));
    cache.putAbsence("k");

    assertThat(cache.putIfAbsent("k", "v")).isFalse();
    assertThat(cache.lookup("k")).isInstanceOf(Lookup.AbsentInSource.class);
  }

  @Test
  void aStaleValueAndOneOfAnOldTagAreReplaced() {
    CacheAside<String, String> cache =
        open(builder().staleIfError(Duration.ofHours(1)).tags(key -> Set.of("t")));
    cache.put("a", "old");
    cache.put("b", "old");
    cache.markStale("a");
    assertThat(cache.putIfAbsent("a", "new")).isTrue();
    cache.invalidateTag("t");
    assertThat(cache.putIfAbsent("b", "new")).isTrue();

    assertCached(cache, "b", "new");
    assertThat(cache.putIfAbsent("b", "newer")).isFalse();
  }

  @Test
  void aLoadUnderWayLosesItsRightToStore() throws Exception {
    CacheAside<String, String> cache = open();
    source.with("k", "loaded");
    source.pause();
    Call<String> reader = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    assertThat(cache.putIfAbsent("k", "put")).isTrue();
    source.resume();
    reader.result();

    assertCached(cache, "k", "put");
  }

  @Test
  void behindAFenceNothingIsStored() {
    CacheAside<String, String> cache = open(builder().fenceTime(Duration.ofMinutes(1)));
    try (WriteFence fence = cache.fence("k")) {
      assertThat(cache.putIfAbsent("k", "v")).isFalse();
      fence.invalidate();
    }
    assertNotCached(cache, "k");
  }

  @Test
  void aStoreThatFailsIsTold() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store).absentTtl(Duration.ofHours(1)));
    store.every(Operation.PUT_IF_ABSENT).fail(Reason.DISCONNECTED);

    assertThatExceptionOfType(StoreException.class).isThrownBy(() -> cache.putIfAbsent("k", "v"));
    assertThatExceptionOfType(StoreException.class).isThrownBy(() -> cache.putAbsence("k"));
    assertThat(cache.stats().puts()).isZero();
  }

  @Test
  void anAbsenceIsStored() {
    CacheAside<String, String> cache = open(builder().absentTtl(Duration.ofMinutes(1)));
    cache.put("k", "v");

    cache.putAbsence("k");

    assertThat(cache.get("k", CacheTest::notLoaded)).isNull();
    assertThat(cache.lookup("k")).isInstanceOf(Lookup.AbsentInSource.class);
    assertThat(cache.stats().puts()).isEqualTo(2);
    cache.invalidate("k");
    assertThat(cache.get("k", key -> "new")).isEqualTo("new");
  }

  @Test
  void anAbsenceEndsWithItsTag() {
    CacheAside<String, String> cache =
        open(builder().absentTtl(Duration.ofMinutes(1)).tags(key -> Set.of("t")));
    cache.putAbsence("k");

    cache.invalidateTag("t");

    assertThat(cache.get("k", key -> "new")).isEqualTo("new");
  }

  @Test
  void aCacheThatKeepsNoAbsencesRefusesOne() {
    CacheAside<String, String> cache = open();

    assertThatIllegalStateException()
        .isThrownBy(() -> cache.putAbsence("k"))
        .withMessageContaining("absentTtl");
  }

  @Test
  void aValueThatCouldNotBeInvalidatedIsNotCached() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(builder().store(store).invalidationRetry(RetryPolicy.none()));
    cache.put("k", "old");
    store.every(Operation.REMOVE).fail(Reason.DISCONNECTED);
    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(() -> cache.invalidate("k"));

    assertThat(cache.putIfAbsent("k", "new")).isTrue();

    assertThat(cache.stats().unconfirmedInvalidations()).isZero();
    assertCached(cache, "k", "new");
    store.heal();
  }

  @Test
  void aValueOfANewerVersionStays() {
    CacheAside<String, String> newer = builder().schemaVersion(1).build();
    newer.put("k", "newer");
    newer.close();
    CacheAside<String, String> older = open();

    assertThat(older.putIfAbsent("k", "older")).isFalse();

    older.async().sync().close();
    assertThat(open(builder().schemaVersion(1)).getIfPresent("k")).isEqualTo("newer");
  }

  @Test
  void aValueThatSomebodyRemovesMeanwhileWasNotStored() {
    Store removing =
        new ForwardingStore(store()) {
          private final AtomicBoolean removed = new AtomicBoolean();

          @Override
          public CompletionStage<Boolean> swap(
              String key, byte[] stamp, byte[] next, @Nullable Duration ttl) {
            return removed.getAndSet(true)
                ? super.swap(key, stamp, next, ttl)
                : super.remove(key).thenCompose(gone -> super.swap(key, stamp, next, ttl));
          }
        };
    CacheAside<String, String> cache = open(builder().store(removing));

    assertThat(cache.putIfAbsent("k", "v")).isFalse();

    assertNotCached(cache, "k");
    assertThat(cache.stats().puts()).isZero();
  }
}
