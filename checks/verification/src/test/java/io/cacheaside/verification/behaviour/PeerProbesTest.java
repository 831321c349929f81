package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.jackson.JsonCodec;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What was measured on other caches, played against this one: each test is named after what went
 * wrong elsewhere. Further ones are where they belong: stampedes and failing loaders in {@link
 * SingleFlightTest}, with loaders slower than their lock; loads that overlap an invalidation in
 * {@link StaleReadTest}, corrupt bytes in {@link DamagedEntryTest}, a server that is gone in {@link
 * StoreFailureTest}.
 */
@OnEveryStore
@Tag("races")
class PeerProbesTest extends CacheTest {
  private static final int ROUNDS = 200;

  @Test
  void anEvictedValueIsNotStillThere() {
    CacheAside<String, String> cache = open();

    for (int i = 0; i < ROUNDS; i++) {
      String value = "v" + i;
      assertThat(cache.get("k", key -> value)).isEqualTo(value);
      cache.invalidate("k");
      assertNotCached(cache, "k");
    }
  }

  @Test
  void aPutValueIsVisibleAtOnce() {
    CacheAside<String, String> cache = open();

    for (int i = 0; i < ROUNDS; i++) {
      cache.put("k", "v" + i);
      assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("v" + i);
    }
  }

  @Test
  void aRemoveWithReadersInTheSameProcessDoesNotLeaveTheOldValue() throws Exception {
    CacheAside<String, Long> cache = open(builder(JsonCodec.of(Long.class)));
    AtomicLong committed = new AtomicLong();
    AtomicBoolean done = new AtomicBoolean();
    List<Call<Boolean>> readers =
        callers.start(
            3,
            () -> {
              while (!done.get()) {
                cache.get("k", key -> committed.get());
              }
              return true;
            });

    for (int i = 0; i < ROUNDS; i++) {
      long written = committed.incrementAndGet();
      cache.invalidate("k");
      assertThat(cache.get("k", key -> committed.get())).isEqualTo(written);
    }

    done.set(true);
    Callers.results(readers);
  }

  /**
   * A placeholder that is the same for each load of a client accepts the value of the one before.
   */
  @Test
  void aSecondLoadOfTheSameProcessDoesNotLetTheFirstOneStore() throws Exception {
    CacheAside<String, String> cache = open();
    source.with("k", "old").pause();
    Call<String> first = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    source.with("k", "new");
    cache.invalidate("k");
    source.resume();
    source.pause();
    Call<String> second = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    assertThat(first.result()).isEqualTo("old");
    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    assertNotCached(cache, "k");
    source.resume();

    assertThat(second.result()).isEqualTo("new");
    eventually(() -> assertCached(cache, "k", "new"));
  }

  @Test
  void oneLostLeaseOfABatchDoesNotLoseTheRest() throws Exception {
    CacheAside<String, String> cache = open();
    List<String> keys = BulkTest.keys(20);
    keys.forEach(key -> source.with(key, key));
    source.pause();
    Call<Map<String, String>> bulk = callers.start(() -> cache.getAll(keys, source::getAll));
    source.awaitWaiting(1, Callers.DEADLINE);

    store().remove(stored("k7")).toCompletableFuture().get(10, TimeUnit.SECONDS);
    source.resume();

    assertThat(bulk.result()).hasSize(20);
    eventually(() -> assertThat(cache.stats().fills()).isEqualTo(19));
    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    assertThat(cache.get("k7", key -> "loaded again")).isEqualTo("loaded again");
    assertThat(keys)
        .filteredOn(key -> !key.equals("k7"))
        .allSatisfy(key -> assertCached(cache, key, key));
  }

  record Account(long id, long version, String text) {
    static Account of(long id, long version) {
      return new Account(id, version, (id + ":" + version + ";").repeat(20));
    }
  }

  /** Elsewhere: false misses, exceptions and corrupt records, by the thousand. */
  @Test
  void readersAndInvalidatorsOfManyKeysGetWholeAndCurrentRecords() throws Exception {
    List<CacheAside<String, Account>> processes =
        List.of(
            open(builder(JsonCodec.of(Account.class))),
            open(builder(JsonCodec.of(Account.class)).store(anotherStore())));
    Random random = new Random(7);
    AtomicLongArray committed = new AtomicLongArray(8);
    AtomicLongArray invalidated = new AtomicLongArray(8);
    AtomicBoolean done = new AtomicBoolean();

    List<Call<Boolean>> writers = new ArrayList<>();
    List<Call<Boolean>> readers = new ArrayList<>();
    for (CacheAside<String, Account> process : processes) {
      writers.addAll(
          callers.start(
              2,
              () -> {
                while (!done.get()) {
                  int id = random.nextInt(8);
                  long version = committed.incrementAndGet(id);
                  process.invalidate("a" + id);
                  invalidated.accumulateAndGet(id, version, Math::max);
                }
                return true;
              }));
      readers.addAll(
          callers.start(
              4,
              () -> {
                for (int i = 0; i < ROUNDS; i++) {
                  int id = random.nextInt(8);
                  long atLeast = invalidated.get(id);
                  Account read = process.get("a" + id, key -> Account.of(id, committed.get(id)));
                  assertThat(read).isEqualTo(Account.of(id, read.version()));
                  assertThat(read.version()).isGreaterThanOrEqualTo(atLeast);
                }
                return true;
              }));
    }
    Callers.results(readers);
    done.set(true);
    Callers.results(writers);

    for (CacheAside<String, Account> process : processes) {
      assertThat(process.stats().decodeFailures()).isZero();
      assertThat(process.stats().storeFailures()).isZero();
    }
  }
}
