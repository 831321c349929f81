package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.store.Store;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.testkit.ForwardingStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** G4, G5: a store that does not do with a batch what it should costs no caller its answer. */
@InMemoryOnly
@Tag("edge")
class StoreBatchTest extends CacheTest {
  private static final List<String> KEYS = IntStream.range(0, 5).mapToObj(i -> "k" + i).toList();

  /** What a store does with the operations of a batch. */
  private enum Batching {
    IGNORES_THEM((store, operations) -> {}),
    FAILS(
        (store, operations) -> {
          throw new IllegalStateException("no batches");
        }),
    FAILS_AFTERWARDS(
        (store, operations) -> {
          operations.run();
          throw new IllegalStateException("no batches");
        }),
    RUNS_THEM_TWICE(
        (store, operations) -> {
          operations.run();
          operations.run();
        }),
    LETS_ANOTHER_THREAD_RUN_THEM((store, operations) -> Callers.daemon(operations).start());

    private final BiConsumer<Store, Runnable> batch;

    Batching(BiConsumer<Store, Runnable> batch) {
      this.batch = batch;
    }

    Store over(Store store) {
      return new ForwardingStore(store) {
        @Override
        public void batch(Runnable operations) {
          batch.accept(store, operations);
        }
      };
    }
  }

  private CacheAsideBuilder<String, String> over(Batching batching) {
    return builder().store(batching.over(store()));
  }

  private <T> T inTime(Callable<T> call) throws Exception {
    return callers.start(call).result();
  }

  private void write(Runnable write) throws Exception {
    callers
        .start(
            () -> {
              try {
                write.run();
              } catch (RuntimeException refused) {
                assertThat(refused).hasStackTraceContaining("no batches");
              }
              return true;
            })
        .result();
  }

  private void assertAnswers(CacheAside<String, String> cache) throws Exception {
    source.with("k0", "v");
    assertThat(inTime(() -> cache.get("k0", source::get))).isEqualTo("v");
    assertThat(inTime(() -> cache.get("k0", source::get))).isEqualTo("v");
    assertThat(inTime(() -> cache.getAll(KEYS, BulkTest::itself))).hasSize(KEYS.size());
    write(() -> cache.putAll(Map.of("k1", "1", "k2", "2")));
    write(() -> cache.invalidateAll(KEYS));
    source.with("k0", "new");
    eventually(() -> assertThat(cache.get("k0", source::get)).isEqualTo("new"));
  }

  @ParameterizedTest
  @EnumSource
  void readsAreAnsweredAndInvalidationsDone(Batching batching) throws Exception {
    assertAnswers(open(over(batching)));
  }

  @ParameterizedTest
  @EnumSource
  void eachOperationIsIssuedOnce(Batching batching) throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(batching.over(store)));

    assertThat(inTime(() -> cache.getAll(KEYS, BulkTest::itself))).hasSize(KEYS.size());

    assertThat(store.count(Operation.READ)).isEqualTo(KEYS.size());
    assertThat(store.count(Operation.PUT_IF_ABSENT)).isEqualTo(KEYS.size());
  }

  /** No answer to what was issued would ever come. */
  @Test
  void aBatchThatFailsEndsTheOperationsThatItHasTaken() throws Exception {
    FaultyStore store = faultyStore();
    Store failing =
        new ForwardingStore(store) {
          @Override
          public void batch(Runnable operations) {
            store.every().hold();
            operations.run();
            store.heal();
            throw new IllegalStateException("no batches");
          }
        };
    CacheAside<String, String> cache = open(builder().store(failing));

    assertThat(inTime(() -> cache.getAll(KEYS, BulkTest::itself))).hasSize(KEYS.size());
  }

  @ParameterizedTest
  @EnumSource
  void soTheyAreWithTags(Batching batching) throws Exception {
    CacheAside<String, String> cache =
        open(over(batching).tags(key -> Set.of("tag of " + key)).loaderTags().instantClear());

    assertAnswers(cache);

    assertThat(
            inTime(
                () ->
                    cache.getWithContext(
                        "named",
                        (key, context) -> {
                          context.tags("t");
                          return "v";
                        })))
        .isEqualTo("v");
    write(() -> cache.invalidateTag("t"));
    write(cache::clear);
    source.with("k0", "newer");
    eventually(() -> assertThat(cache.get("k0", source::get)).isEqualTo("newer"));
  }

  @ParameterizedTest
  @EnumSource
  void soTheyAreWithStaleValues(Batching batching) throws Exception {
    CacheAside<String, String> cache =
        open(over(batching).staleWhileRevalidate(Duration.ofMinutes(1)));

    assertAnswers(cache);

    inTime(() -> cache.markStale("k0"));
    assertThat(inTime(() -> cache.get("k0", source::get))).isEqualTo("new");
  }
}
