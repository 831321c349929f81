package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.codec.Codec;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * G4: a chain of loads that is longer than the stack ends with a {@code StackOverflowError}, in any
 * step of the cache. It leaves no key without an answer, on no thread.
 */
@InMemoryOnly
@Only(Face.SYNC)
@Tag("races")
class StackOverflowTest extends CacheTest {
  private static final int ROUNDS = 100;
  private static final int LAST = 40;
  private static final int WRITES = 10_000;
  private static final int STACK_BYTES = 256 * 1024;

  private final ConcurrentLinkedDeque<String> begun = new ConcurrentLinkedDeque<>();

  private String revision(CacheAside<String, String> cache, int number) {
    return cache.get(
        "r" + number,
        key -> {
          begun.addFirst(key);
          return revision(cache, number + 1);
        });
  }

  /** Moves the place of the overflow by a few frames. */
  private String deeper(int frames, CacheAside<String, String> cache) {
    return frames == 0 ? revision(cache, 0) : deeper(frames - 1, cache);
  }

  private List<String> lastBegun() {
    return begun.stream().limit(LAST).toList();
  }

  private static String answerOf(CacheAside<String, String> cache, String key) {
    return cache.get(key, k -> "answer");
  }

  @Test
  void leavesNoKeyWithoutAnAnswer() throws Exception {
    CacheAside<String, String> cache =
        open(
            CacheAside.builder(name, Codec.string())
                .store(store())
                .loadTimeout(Duration.ofMillis(500))
                .leaseTime(Duration.ofMillis(200))
                .closeTimeout(Duration.ofMillis(500)));
    for (int round = 0; round < ROUNDS; round++) {
      int frames = round;
      begun.clear();
      CompletableFuture<Throwable> thrown = new CompletableFuture<>();
      CompletableFuture<List<String>> answers = new CompletableFuture<>();
      Thread thread =
          new Thread(
              null,
              () -> {
                try {
                  thrown.complete(new AssertionError(deeper(frames, cache)));
                } catch (Throwable overflow) {
                  thrown.complete(overflow);
                }
                try {
                  answers.complete(
                      lastBegun().stream().limit(2).map(key -> answerOf(cache, key)).toList());
                } catch (Throwable failure) {
                  answers.completeExceptionally(failure);
                }
              },
              "overflowing",
              STACK_BYTES);
      thread.setDaemon(true);
      thread.start();
      assertThat(thrown.get(30, TimeUnit.SECONDS)).isNotInstanceOf(AssertionError.class);
      assertThat(answers.get(30, TimeUnit.SECONDS)).as("on the same thread").doesNotContainNull();

      List<Call<String>> readers = new ArrayList<>();
      lastBegun().forEach(key -> readers.add(callers.start(() -> answerOf(cache, key))));
      assertThat(Callers.results(readers)).doesNotContainNull();
      cache.clear();
    }
    assertThat(callers.start(() -> hasWritten(cache)).result()).isTrue();
    assertThat(callers.start(() -> closed(cache)).result()).isTrue();
  }

  /** Writes more than any buffer takes: a lock that is still held would be noticed. */
  private static boolean hasWritten(CacheAside<String, String> cache) {
    for (int i = 0; i < WRITES; i++) {
      cache.put("w" + i, "v");
    }
    return true;
  }

  private static boolean closed(CacheAside<?, ?> cache) {
    cache.close();
    return true;
  }
}
