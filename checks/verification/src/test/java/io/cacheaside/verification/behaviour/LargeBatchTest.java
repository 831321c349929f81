package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.BulkLoadException;
import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.WaitInterruptedException;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Hold;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Calls for very many keys, on a store that answers at once. They take the time of as many calls
 * for few, and no more stack.
 */
@InMemoryOnly
@Tag("edge")
class LargeBatchTest extends CacheTest {
  private static final int MANY = 100_000;
  private static final int PART = 10_000;

  /** Too small for a few frames for each 500 of so many keys. */
  private static final int STACK_BYTES = 192 * 1024;

  /** The shared store has no room for so many entries. */
  private CacheAsideBuilder<String, String> roomy() {
    InMemoryStore store = InMemoryStore.builder().maxBytes(2L << 30).build();
    return builder().store(store).loadTimeout(Duration.ofMinutes(1));
  }

  @Test
  void manyKeysAreLoadedPartByPartAndThenHit() throws Exception {
    CacheAside<String, String> cache = open(roomy());
    List<String> keys = BulkTest.keys(MANY);
    List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());

    Map<String, String> values =
        onASmallStack(
            () ->
                cache.getAll(
                    keys,
                    missing -> {
                      sizes.add(missing.size());
                      return BulkTest.itself(missing);
                    }));

    assertThat(values).hasSize(MANY);
    assertThat(List.copyOf(values.keySet())).isEqualTo(keys);
    assertThat(sizes).hasSize(MANY / PART).containsOnly(PART);
    eventually(() -> assertThat(cache.stats().fills()).isEqualTo(MANY));
    assertThat(onASmallStack(() -> cache.getAll(keys, missing -> Map.of()))).isEqualTo(values);
  }

  /** A part that fails costs the others nothing. */
  @Test
  void thePartsThatCouldBeLoadedComeWithTheFailure() {
    CacheAside<String, String> cache = open(roomy());
    List<String> keys = BulkTest.keys(2 * PART + 1);

    assertThatExceptionOfType(BulkLoadException.class)
        .isThrownBy(
            () ->
                cache.getAll(
                    keys,
                    missing -> {
                      if (missing.contains("k0")) {
                        throw new IllegalStateException("the first part");
                      }
                      return BulkTest.itself(missing);
                    }))
        .satisfies(
            failed -> {
              assertThat(failed.failures()).hasSize(PART).containsKey("k0");
              assertThat(failed.values()).hasSize(PART + 1).containsKey("k" + 2 * PART);
            });
  }

  @Test
  void manyValuesAreStoredAndInvalidated() throws Exception {
    CacheAside<String, String> cache = open(roomy());
    Map<String, String> values = BulkTest.itself(BulkTest.keys(MANY));

    onASmallStack(
        () -> {
          cache.putAll(values);
          return true;
        });

    List<String> some = List.of("k0", "k500", "k" + (MANY - 1));
    assertThat(cache.getAll(some, missing -> Map.of())).isEqualTo(BulkTest.itself(some));

    onASmallStack(
        () -> {
          cache.invalidateAll(values.keySet());
          return true;
        });

    assertThat(cache.getAll(some, missing -> Map.of())).isEmpty();
  }

  @Test
  void manyStaleValuesAreRefreshed() {
    CacheAside<String, String> cache =
        open(roomy().staleWhileRevalidate(Duration.ofHours(1)).ttl(Duration.ofMillis(1)));
    Map<String, String> old = BulkTest.itself(BulkTest.keys(2 * PART + 1));
    cache.putAll(old);

    assertThat(cache.getAll(old.keySet(), BulkTest::itself)).isEqualTo(old);

    eventually(() -> assertThat(cache.stats().refreshes()).isEqualTo(old.size()));
  }

  static <T> T onASmallStack(Callable<T> call) throws Exception {
    FutureTask<T> task = new FutureTask<>(call);
    new Thread(null, task, "small stack", STACK_BYTES).start();
    return task.get();
  }

  /** A loader that asks for other keys looks each of them up among those it loads. */
  @Test
  void aLoaderOfManyKeysMayReadManyOthers() {
    CacheAside<String, String> cache = open(roomy());

    Map<String, String> values =
        cache.getAll(
            BulkTest.keys(PART),
            missing -> {
              List<String> others = missing.stream().map(key -> "of " + key).toList();
              return isSync()
                  ? withoutPrefix(cache.getAll(others, BulkTest::itself))
                  : BulkTest.itself(missing);
            });

    assertThat(values).hasSize(PART);
  }

  private static Map<String, String> withoutPrefix(Map<String, String> values) {
    return BulkTest.itself(values.keySet().stream().map(key -> key.substring(3)).toList());
  }

  @Test
  void anInterruptedCallStopsReading() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    Hold replies = store.every(Operation.READ).of(stored("k0")).holdReply();
    Call<Map<String, String>> call =
        callers.start(() -> cache.async().sync().getAll(BulkTest.keys(MANY), BulkTest::itself));
    replies.awaitArrived(1);

    call.interrupt();

    assertThat(call.failure()).isInstanceOf(WaitInterruptedException.class);
    assertStopsReading(store, replies);
  }

  @Test
  void aCancelledCallStopsReading() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    Hold replies = store.every(Operation.READ).of(stored("k0")).holdReply();
    CompletableFuture<Map<String, String>> call =
        cache
            .async()
            .getAll(BulkTest.keys(MANY), keys -> AsyncFace.elsewhere(() -> BulkTest.itself(keys)));
    replies.awaitArrived(1);

    call.cancel(false);

    assertStopsReading(store, replies);
  }

  /** What the released reply leads to is over when the executor has nothing to do. */
  private void assertStopsReading(FaultyStore store, Hold replies) {
    long before = store.count(Operation.READ);
    replies.release();
    eventually(() -> assertThat(isIdle()).isTrue());
    assertThat(store.count(Operation.READ)).isEqualTo(before);
  }

  @Test
  void anInterruptStopsTheReadingOfAStoreThatAnswersAtOnce() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));

    Call<Map<String, String>> call =
        callers.start(
            () -> {
              Thread.currentThread().interrupt();
              return cache.async().sync().getAll(BulkTest.keys(MANY), BulkTest::itself);
            });

    assertThat(call.failure()).isInstanceOf(WaitInterruptedException.class);
    eventually(() -> assertThat(isIdle()).isTrue());
    assertThat(store.count(Operation.READ)).isLessThan(PART);
  }
}
