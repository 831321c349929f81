package io.cacheaside.stress;

import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.Store;
import io.cacheaside.store.TimedState;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;

/**
 * The operations of the store in memory, on states of two bytes of which the first is the stamp. No
 * time passes, so what a state has left is exactly what it was given.
 */
@Param(name = "key", gen = IntGen.class, conf = "1:2")
@Param(name = "stamp", gen = IntGen.class, conf = "1:2")
@Param(name = "rest", gen = IntGen.class, conf = "1:2")
@Param(name = "seconds", gen = IntGen.class, conf = "0:2")
@Param(name = "given", gen = IntGen.class, conf = "1:2")
public class StoreOperations {
  private final Store store = InMemoryStore.builder().nanoTime(() -> 0).build();

  @Operation(params = "key")
  public @Nullable String read(int key) {
    return text(now(store.read(name(key))));
  }

  @Operation(params = "key")
  public @Nullable String readTimed(int key) {
    TimedState state = now(store.readTimed(name(key), 2));
    return state == null ? null : text(state.bytes()) + " for " + state.remaining();
  }

  @Operation(params = {"key", "stamp", "rest", "given"})
  public @Nullable String putIfAbsent(int key, int stamp, int rest, int given) {
    return text(now(store.putIfAbsent(name(key), state(stamp, rest), ttl(given))));
  }

  @Operation(params = {"key", "stamp", "rest", "given"})
  public void put(int key, int stamp, int rest, int given) {
    now(store.put(name(key), state(stamp, rest), ttl(given)));
  }

  /** Swaps a state; zero seconds keep the time that the old one has left. */
  @Operation(params = {"key", "stamp", "stamp", "rest", "seconds"})
  public boolean swap(int key, int stamp, int next, int rest, int seconds) {
    Duration ttl = seconds == 0 ? null : ttl(seconds);
    return now(store.swap(name(key), state(stamp), state(next, rest), ttl));
  }

  /** Swaps the stamp alone; zero seconds keep the time that the old one has left. */
  @Operation(params = {"key", "stamp", "stamp", "seconds"})
  public boolean swapHead(int key, int stamp, int next, int seconds) {
    Duration ttl = seconds == 0 ? null : ttl(seconds);
    return now(store.swapHead(name(key), state(stamp), state(next), ttl));
  }

  @Operation(params = {"key", "stamp"})
  public boolean removeStamped(int key, int stamp) {
    return now(store.remove(name(key), state(stamp)));
  }

  @Operation(params = "key")
  public boolean remove(int key) {
    return now(store.remove(name(key)));
  }

  private static <T extends @Nullable Object> T now(CompletionStage<T> answer) {
    return answer.toCompletableFuture().join();
  }

  private static String name(int key) {
    return "key " + key;
  }

  private static byte[] state(int... bytes) {
    byte[] state = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      state[i] = (byte) bytes[i];
    }
    return state;
  }

  private static Duration ttl(int seconds) {
    return Duration.ofSeconds(seconds);
  }

  private static @Nullable String text(byte @Nullable [] state) {
    return state == null ? null : state[0] + "." + state[1];
  }
}
