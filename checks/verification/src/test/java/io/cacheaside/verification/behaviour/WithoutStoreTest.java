package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.CacheAside;
import io.cacheaside.LoadException;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * While the store is gone the source is not overrun: of one key, one load runs and one waits. Who
 * arrives later than a load began does not share it.
 */
@OnEveryStore
@Tag("races")
class WithoutStoreTest extends CacheTest {
  private static final Duration LOAD_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration LITTLE = Duration.ofMillis(10);

  private CacheAside<String, String> cache;

  @BeforeEach
  void disconnect() {
    FaultyStore store = faultyStore();
    cache = open(builder().store(store).loadTimeout(Duration.ofSeconds(10)));
    store.disconnect();
  }

  private Call<String> loadOf(String value) {
    source.with("k", value).pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    return load;
  }

  @Test
  void aStampedeIsTwoLoadsAtMostAndNobodyGetsAValueFromBeforeItCame() throws Exception {
    Call<String> first = loadOf("old");
    source.with("k", "new");
    List<Call<String>> late = callers.start(31, () -> cache.get("k", source::get));
    awaitWaiting(cache, 32, late);

    source.resume();

    assertThat(first.result()).isEqualTo("old");
    assertThat(Callers.results(late)).hasSize(31).containsOnly("new");
    assertThat(source.reads()).isEqualTo(2);
    assertThat(source.maxConcurrentReads()).isEqualTo(1);
  }

  @Test
  void nobodyEverGetsAValueFromBeforeItCame() throws Exception {
    AtomicInteger committed = new AtomicInteger();

    List<Call<Boolean>> readers =
        callers.start(
            16,
            () -> {
              for (int i = 0; i < 100; i++) {
                int atLeast = committed.incrementAndGet();
                int read =
                    Integer.parseInt(cache.get("k", key -> Integer.toString(committed.get())));
                assertThat(read).isGreaterThanOrEqualTo(atLeast);
              }
              return true;
            });

    Callers.results(readers);
    assertThat(cache.stats().loads() + cache.stats().coalesced()).isEqualTo(1_600);
  }

  @Test
  void loadsOfDifferentKeysDoNotWaitForEachOther() throws Exception {
    loadOf("v");
    Call<String> other = callers.start(() -> cache.get("other", source::get));

    source.awaitWaiting(2, Callers.DEADLINE);
    source.resume();

    assertThat(other.result()).isNull();
  }

  @Test
  void aFailureIsSharedByThoseWhoCameBeforeItsLoad() throws Exception {
    Call<String> first = loadOf("v");
    IllegalStateException thrown = new IllegalStateException("no source");
    source.failNextReads(1, thrown);
    List<Call<String>> late = callers.start(8, () -> cache.get("k", source::get));
    awaitWaiting(cache, 9, late);

    source.resume();

    assertThat(first.result()).isEqualTo("v");
    List<Throwable> failures = Callers.failures(late);
    assertThat(failures).filteredOn(failure -> failure == thrown).hasSize(1);
    assertThat(failures)
        .filteredOn(failure -> failure instanceof LoadException && failure.getCause() == thrown)
        .hasSize(7);
    assertThat(cache.get("k", source::get)).isEqualTo("v");
  }

  @Test
  void aLoaderThatAsksForItsOwnKeyIsToldSo() {
    CacheAside<String, String> sync = cache.async().sync();

    assertThatThrownBy(() -> sync.get("k", key -> sync.get(key, CacheTest::notLoaded)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("read the source instead");
    assertThat(sync.get("a", a -> sync.get("b", b -> "b"))).isEqualTo("b");
  }

  @Test
  void aLoaderThatNeverReturnsHoldsUpTheOthersForItsLoadTimeoutOnly() throws Exception {
    FakeTime time = new FakeTime();
    FaultyStore store = faultyStore();
    CacheAside<String, String> impatient =
        open(builder().store(store).environment(time).loadTimeout(LOAD_TIMEOUT));
    store.disconnect();
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    callers.start(
        () ->
            impatient.get(
                "k",
                key -> {
                  begun.countDown();
                  never.await();
                  return "too late";
                }));
    begun.await();
    time.advance(LITTLE); // so the time of the others ends later
    List<Call<String>> late = callers.start(4, () -> impatient.get("k", key -> "v"));
    awaitWaiting(impatient, 5, late);

    time.advance(LOAD_TIMEOUT.minus(LITTLE));

    assertThat(Callers.results(late)).containsOnly("v");
    never.countDown();
  }

  @Test
  void bulkReadsAndSingleOnesShareLoads() throws Exception {
    Call<String> first = loadOf("old");
    source.with("k", "new").with("j", "v");
    Call<String> waiting = callers.start(() -> cache.get("k", source::get));
    awaitWaiting(cache, 2, List.of(waiting));
    Call<Map<String, String>> bulk =
        callers.start(() -> cache.getAll(List.of("j", "k"), source::getAll));
    source.awaitWaiting(2, Callers.DEADLINE);

    source.resume();

    assertThat(first.result()).isEqualTo("old");
    assertThat(waiting.result()).isEqualTo("new");
    assertThat(bulk.result()).containsEntry("k", "new").containsEntry("j", "v");
    assertThat(source.reads("k")).isEqualTo(2);
  }

  @Test
  void aLoadWithoutAStoreIsNotCachedWhenTheStoreIsBack() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> other = open(builder().store(store));
    store.disconnect();
    source.with("k", "old").pause();
    Call<String> load = callers.start(() -> other.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    store.reconnect();
    source.with("k", "new");
    other.invalidate("k");

    source.resume();

    assertThat(load.result()).isEqualTo("old");
    assertNotCached(other, "k");
    assertThat(other.get("k", source::get)).isEqualTo("new");
  }
}
