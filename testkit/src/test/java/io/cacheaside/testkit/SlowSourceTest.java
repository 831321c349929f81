package io.cacheaside.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SlowSourceTest {

  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final ConcurrentLinkedQueue<Duration> slept = new ConcurrentLinkedQueue<>();
  private final SlowSource<String, Integer> source =
      new SlowSource<String, Integer>(Duration.ofMillis(70), slept::add).with("a", 1).with("b", 2);

  @Test
  void readsWritesAndDeletes() {
    assertThat(source.get("a")).isEqualTo(1);
    assertThat(source.get("absent")).isNull();
    source.update("a", 10);
    assertThat(source.get("a")).isEqualTo(10);
    assertThat(source.delete("a")).isTrue();
    assertThat(source.delete("a")).isFalse();
    assertThat(source.get("a")).isNull();
    assertThat(source.getAll(List.of("a", "b", "absent"))).isEqualTo(Map.of("b", 2));
  }

  @Test
  void countsByKeyAndInTotal() {
    source.get("a");
    source.get("absent");
    source.getAll(List.of("a", "b"));
    source.update("a", 3);
    source.delete("b");
    source.delete("b");
    assertThat(source.reads()).isEqualTo(4);
    assertThat(source.reads("a")).isEqualTo(2);
    assertThat(source.reads("absent")).isEqualTo(1);
    assertThat(source.reads("never")).isZero();
    assertThat(source.bulkReads()).isEqualTo(1);
    assertThat(source.updates()).isEqualTo(1);
    assertThat(source.updates("a")).isEqualTo(1);
    assertThat(source.updates("b")).isZero();
    assertThat(source.deletes()).isEqualTo(2);
    assertThat(source.deletes("b")).isEqualTo(2);
  }

  @Test
  void eachCallTakesOneLatency() {
    source.get("a");
    source.getAll(List.of("a", "b"));
    source.update("a", 3);
    source.delete("a");
    assertThat(slept).hasSize(4).containsOnly(Duration.ofMillis(70));
  }

  @Test
  void latencyIs100MillisecondsUnlessGiven() {
    SlowSource<String, Integer> slow = new SlowSource<>();
    long start = System.nanoTime();
    slow.get("a");
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isGreaterThanOrEqualTo(Duration.ofMillis(100));
  }

  @Test
  void withoutLatencyNothingSleeps() {
    SlowSource<String, Integer> fast = new SlowSource<>(Duration.ZERO, slept::add);
    fast.get("a");
    fast.update("a", 1);
    assertThat(slept).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SlowSource<>(Duration.ofMillis(-1)))
        .withMessageContaining("latency");
  }

  @Test
  void pausedReadReturnsWhatWasThereWhenItArrived() throws Exception {
    source.pause();
    var single = CompletableFuture.supplyAsync(() -> source.get("a"));
    var bulk = CompletableFuture.supplyAsync(() -> source.getAll(List.of("a")));
    source.awaitWaiting(2, LIMIT);
    source.update("a", 10);
    assertThat(single).isNotDone();
    assertThat(bulk).isNotDone();

    source.resume();
    assertThat(single.get(10, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(bulk.get(10, TimeUnit.SECONDS)).isEqualTo(Map.of("a", 1));
    assertThat(source.get("a")).isEqualTo(10);
  }

  @Test
  void resumedReadReturnsAlthoughPausedAgainAtOnce() throws Exception {
    source.pause();
    var first = CompletableFuture.supplyAsync(() -> source.get("a"));
    source.awaitWaiting(1, LIMIT);
    source.resume();
    source.pause();
    var second = CompletableFuture.supplyAsync(() -> source.get("b"));
    source.awaitWaiting(1, LIMIT);
    assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(second).isNotDone();
    source.resume();
    assertThat(second.get(10, TimeUnit.SECONDS)).isEqualTo(2);
  }

  @Test
  void highestConcurrencyIsKept() {
    source.pause();
    var reads =
        IntStream.range(0, 3)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () -> source.get("a"), task -> new Thread(task).start()))
            .toList();
    source.awaitWaiting(3, LIMIT);
    source.resume();
    reads.forEach(CompletableFuture::join);
    source.get("a");
    assertThat(source.maxConcurrentReads()).isEqualTo(3);
  }

  @Test
  void waitingInVainIsAFailure() {
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> source.awaitWaiting(1, Duration.ofMillis(10)))
        .withMessageContaining("0 of 1");
  }

  @Test
  void interruptedReadFailsWithTheFlagSet() {
    source.pause();
    Thread.currentThread().interrupt();
    assertThatIllegalStateException().isThrownBy(() -> source.get("a"));
    assertThat(Thread.interrupted()).isTrue();
    source.resume();
    assertThat(source.get("a")).isEqualTo(1);
  }

  @Test
  void nextReadsFailWithTheGivenException() {
    RuntimeException down = new IllegalArgumentException("down");
    source.failNextReads(2, down);
    assertThatIllegalArgumentException().isThrownBy(() -> source.get("a")).isSameAs(down);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> source.getAll(List.of("a", "b")))
        .isSameAs(down);
    assertThat(source.get("a")).isEqualTo(1);
    assertThat(source.reads("a")).isEqualTo(3);
    assertThat(slept).hasSize(3);

    source.failNextReads(5, down);
    source.failNextReads(0, down);
    assertThat(source.get("a")).isEqualTo(1);
  }
}
