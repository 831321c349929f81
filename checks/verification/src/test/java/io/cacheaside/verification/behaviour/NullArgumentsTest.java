package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.cacheaside.AsyncCacheAside;
import io.cacheaside.AsyncLoader;
import io.cacheaside.CacheAside;
import io.cacheaside.Loader;
import io.cacheaside.ReadOptions;
import io.cacheaside.SourceWrite;
import io.cacheaside.VoidSourceWrite;
import io.cacheaside.testkit.FaultyStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A missing argument is named, and nothing is sent to the store. */
@InMemoryOnly
class NullArgumentsTest extends CacheTest {
  private static final Loader<String, String> LOADER = key -> "v";

  private static final Map<String, List<Consumer<CacheAside<String, String>>>> BLOCKING =
      Map.of(
          "loader",
          List.of(
              cache -> cache.get("k", (Loader<String, String>) null),
              cache -> cache.find("k", null),
              cache -> cache.getWithContext("k", null),
              cache -> cache.getAll(List.of("k"), null)),
          "options",
          List.of(
              cache -> cache.get("k", (ReadOptions) null, LOADER),
              cache -> cache.getAll(List.of("k"), null, keys -> Map.of())),
          "keys",
          List.of(
              cache -> cache.getAll(null, keys -> Map.of()),
              cache -> cache.getAllPresent(null),
              cache -> cache.invalidateAll(null)),
          "value",
          List.of(
              cache -> cache.put("k", null),
              cache -> cache.put("k", null, Duration.ZERO),
              cache -> cache.putIfAbsent("k", null)),
          "values",
          List.of(cache -> cache.putAll(null)),
          "change",
          List.of(cache -> cache.update("k", null)),
          "write",
          List.of(
              cache -> cache.writeThenInvalidate("k", (SourceWrite<String, RuntimeException>) null),
              cache -> cache.writeThenInvalidate("k", (VoidSourceWrite<RuntimeException>) null),
              cache -> cache.runThenInvalidate("k", null)),
          "glob",
          List.of(cache -> cache.invalidateMatching(null)),
          "tag",
          List.of(cache -> cache.invalidateTag(null)),
          "ttl",
          List.of(
              cache -> cache.put("k", "v", null),
              cache -> cache.setTtl("k", null),
              cache -> cache.get("k", (Duration) null, key -> null)));

  private static final Map<String, List<Consumer<AsyncCacheAside<String, String>>>> ASYNC =
      Map.of(
          "loader",
          List.of(
              cache -> cache.get("k", (AsyncLoader<String, String>) null),
              cache -> cache.find("k", null),
              cache -> cache.getWithContext("k", null),
              cache -> cache.getBlocking("k", null),
              cache -> cache.getAll(List.of("k"), null)),
          "options",
          List.of(
              cache ->
                  cache.get("k", (ReadOptions) null, key -> CompletableFuture.completedFuture("v")),
              cache ->
                  cache.getAll(
                      List.of("k"), null, keys -> CompletableFuture.completedFuture(Map.of()))),
          "keys",
          List.of(
              cache -> cache.getAll(null, keys -> CompletableFuture.completedFuture(Map.of())),
              cache -> cache.invalidateAll(null)),
          "value",
          List.of(
              cache -> cache.put("k", null),
              cache -> cache.put("k", null, Duration.ZERO),
              cache -> cache.putIfAbsent("k", null)),
          "values",
          List.of(cache -> cache.putAll(null)),
          "change",
          List.of(cache -> cache.update("k", null)),
          "write",
          List.of(cache -> cache.writeThenInvalidate("k", null)),
          "glob",
          List.of(cache -> cache.invalidateMatching(null)),
          "tag",
          List.of(cache -> cache.invalidateTag(null)),
          "ttl",
          List.of(
              cache -> cache.put("k", "v", null),
              cache -> cache.setTtl("k", null),
              cache -> cache.get("k", (Duration) null, key -> null)));

  @Test
  void aMissingArgumentIsRefusedFirst() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        builder().store(store).fenceTime(Duration.ofMinutes(1)).tags(key -> List.of("red")).build();

    if (isSync()) {
      BLOCKING.forEach((argument, calls) -> calls.forEach(call -> refused(argument, call, cache)));
    } else {
      ASYNC.forEach(
          (argument, calls) -> calls.forEach(call -> refused(argument, call, cache.async())));
    }

    for (FaultyStore.Operation operation : FaultyStore.Operation.values()) {
      assertThat(store.count(operation)).as(operation.name()).isZero();
    }
    cache.close();
  }

  private static <C> void refused(String argument, Consumer<C> call, C cache) {
    assertThatNullPointerException().isThrownBy(() -> call.accept(cache)).withMessage(argument);
  }
}
