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
 * The operations of the store in memory on one key, with states of two bytes of which the first is
 * the stamp. No time passes, so what a state has left is exactly what it was given.
 */
@Param(name = "stamp", gen = IntGen.class, conf = "1:2")
@Param(name = "rest", gen = IntGen.class, conf = "1:2")
@Param(name = "seconds", gen = IntGen.class, conf = "0:1")
@Param(name = "given", gen = IntGen.class, conf = "1:2")
public final class StoreOperations {
  private static final String KEY = "k";

  private final Store store = InMemoryStore.builder().nanoTime(() -> 0).build();

  @Operation
  public @Nullable String read() {
    return text(now(store.read(KEY)));
  }

  @Operation
  public @Nullable String readTimed() {
    TimedState state = now(store.readTimed(KEY, 2));
    return state == null ? null : text(state.bytes()) + " for " + state.remaining();
  }

  @Operation(params = {"stamp", "rest", "given"})
  public @Nullable String putIfAbsent(int stamp, int rest, int given) {
    return text(now(store.putIfAbsent(KEY, state(stamp, rest), ttl(given))));
  }

  @Operation(params = {"stamp", "rest", "given"})
  public void put(int stamp, int rest, int given) {
    now(store.put(KEY, state(stamp, rest), ttl(given)));
  }

  /** Swaps a state; zero seconds keep the time that the old one has left. */
  @Operation(params = {"stamp", "stamp", "rest", "seconds"})
  public boolean swap(int stamp, int next, int rest, int seconds) {
    Duration ttl = seconds == 0 ? null : ttl(seconds);
    return now(store.swap(KEY, state(stamp), state(next, rest), ttl));
  }

  /** Swaps the stamp alone; zero seconds keep the time that the old one has left. */
  @Operation(params = {"stamp", "stamp", "seconds"})
  public boolean swapHead(int stamp, int next, int seconds) {
    Duration ttl = seconds == 0 ? null : ttl(seconds);
    return now(store.swapHead(KEY, state(stamp), state(next), ttl));
  }

  @Operation(params = "stamp")
  public boolean removeStamped(int stamp) {
    return now(store.remove(KEY, state(stamp)));
  }

  @Operation
  public boolean remove() {
    return now(store.remove(KEY));
  }

  private static <T extends @Nullable Object> T now(CompletionStage<T> answer) {
    return answer.toCompletableFuture().join();
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
