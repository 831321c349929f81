package io.cacheaside.simulation.scale;

import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SimulatedStore;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A process of the designs that are compared with: values for a time to live in its own memory, one
 * load per key in the process. Alone, or before a shared store, with each change told to all.
 */
final class LocalNode implements ScaledNode {
  private final Function<String, CompletionStage<Integer>> source;
  private final Consumer<String> tellAll;
  private final Scheduler scheduler;
  private final @Nullable SimulatedStore shared;
  private final Map<String, Held> held = new HashMap<>();
  private final Map<String, CompletableFuture<Integer>> underWay = new HashMap<>();

  private record Held(int version, long untilNanos) {}

  /**
   * Creates a process that holds nothing.
   *
   * @param source loads the version of a key
   * @param tellAll tells every process that a key was written
   * @param shared where values are looked for before they are loaded; null if there is no such
   */
  LocalNode(
      Function<String, CompletionStage<Integer>> source,
      Consumer<String> tellAll,
      Scheduler scheduler,
      @Nullable SimulatedStore shared) {
    this.source = source;
    this.tellAll = tellAll;
    this.scheduler = scheduler;
    this.shared = shared;
  }

  @Override
  public CompletionStage<Integer> read(String key) {
    Held known = held.get(key);
    if (known != null && scheduler.nowNanos() < known.untilNanos()) {
      return CompletableFuture.completedFuture(known.version());
    }
    CompletableFuture<Integer> running = underWay.get(key);
    if (running != null) {
      return running;
    }
    CompletableFuture<Integer> found = new CompletableFuture<>();
    underWay.put(key, found);
    find(key)
        .thenAccept(
            version -> {
              underWay.remove(key);
              long untilNanos = scheduler.nowNanos() + TTL.toNanos();
              held.put(key, new Held(version, untilNanos));
              found.complete(version);
            });
    return found;
  }

  private CompletionStage<Integer> find(String key) {
    if (shared == null) {
      return source.apply(key);
    }
    return shared
        .read(key)
        .thenCompose(
            state ->
                state == null
                    ? loadAndShare(shared, key)
                    : CompletableFuture.completedFuture(version(state)));
  }

  private CompletionStage<Integer> loadAndShare(SimulatedStore store, String key) {
    return source
        .apply(key)
        .thenApply(
            version -> {
              store.put(key, state(version), TTL);
              return version;
            });
  }

  private static byte[] state(int version) {
    return Integer.toString(version).getBytes(StandardCharsets.US_ASCII);
  }

  private static int version(byte[] state) {
    return Integer.parseInt(new String(state, StandardCharsets.US_ASCII));
  }

  @Override
  public CompletionStage<?> written(String key) {
    forget(key);
    if (shared == null) {
      return CompletableFuture.completedFuture(null);
    }
    return shared.remove(key).thenAccept(removed -> tellAll.accept(key));
  }

  /** Hears, from another process, that a key was written. */
  void forget(String key) {
    held.remove(key);
  }

  @Override
  public long held() {
    return held.size();
  }
}
