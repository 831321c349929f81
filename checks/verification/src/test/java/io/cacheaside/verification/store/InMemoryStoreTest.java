package io.cacheaside.verification.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.Store;
import io.cacheaside.store.TimedState;
import io.cacheaside.testkit.StoreContract;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InMemoryStoreTest extends StoreContract {
  private static final Duration TTL = Duration.ofMillis(500);
  private static final Duration LONG = Duration.ofHours(1);

  /** Begins where an overflow is near, as {@link System#nanoTime()} may. */
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - TTL.toNanos());

  private InMemoryStore lastOpened;
  private final InMemoryStore store = open();

  @Override
  protected InMemoryStore open() {
    lastOpened = InMemoryStore.builder().nanoTime(this::nanoTime).build();
    return lastOpened;
  }

  /** Only states fit in here; one without a header comes nearest. */
  @Override
  protected void putForeign(String key) {
    result(lastOpened.put(key, new byte[0], LONG));
  }

  @Override
  protected long nanoTime() {
    return now.get();
  }

  @Override
  protected void passTime() {
    pass(Duration.ofMillis(1));
  }

  @Test
  void aStateExpiresAtTheVeryNanosecond() {
    store.put("key", bytes("state"), TTL);

    pass(TTL.minusNanos(1));
    assertThat(result(store.read("key"))).isEqualTo(bytes("state"));
    assertThat(result(store.readTimed("key", 1)).remaining()).isEqualTo(Duration.ofNanos(1));

    pass(Duration.ofNanos(1));
    assertThat(result(store.read("key"))).isNull();
  }

  @Test
  void nothingSeesAnExpiredState() {
    for (String key : new String[] {"timed", "absent", "swap", "head", "stamped", "removed", "m"}) {
      store.put(key, bytes("stamp:payload"), TTL);
    }
    pass(TTL);

    assertThat(result(store.readTimed("timed", 16))).isNull();
    assertThat(result(store.putIfAbsent("absent", bytes("new"), TTL))).isNull();
    assertThat(result(store.swap("swap", bytes("stamp:"), bytes("new"), null))).isFalse();
    assertThat(result(store.swapHead("head", bytes("stamp:"), bytes("new"), TTL))).isFalse();
    assertThat(result(store.remove("stamped", bytes("stamp:")))).isFalse();
    assertThat(result(store.remove("removed"))).isFalse();
    assertThat(result(store.removeMatching("m", "*"))).isZero();
    assertThat(result(store.read("absent"))).isEqualTo(bytes("new"));
  }

  @Test
  void shorterAndLongerTimesToLiveReplaceEachOtherExactly() {
    store.put("key", bytes("1"), LONG);
    store.put("key", bytes("2"), TTL);
    pass(TTL.minusMillis(1));
    store.put("key", bytes("3"), TTL.plusMillis(1));
    pass(TTL);
    assertThat(result(store.read("key"))).isEqualTo(bytes("3"));

    store.swap("key", bytes("3"), bytes("4"), Duration.ofMillis(2));
    pass(Duration.ofMillis(2));
    assertThat(result(store.read("key"))).isNull();
  }

  @Test
  void keptTimeToLiveIsExact() {
    store.put("key", bytes("a:payload"), TTL);
    pass(Duration.ofMillis(200));
    store.swap("key", bytes("a:"), bytes("b:payload"), null);
    pass(Duration.ofMillis(200));
    store.swapHead("key", bytes("b:"), bytes("c:"), null);

    pass(Duration.ofMillis(99));
    assertThat(result(store.read("key"))).isEqualTo(bytes("c:payload"));
    pass(Duration.ofMillis(1));
    assertThat(result(store.read("key"))).isNull();
  }

  @Test
  void readingDoesNotProlong() {
    store.put("key", bytes("state"), TTL);
    for (int i = 0; i < 4; i++) {
      pass(Duration.ofMillis(100));
      store.read("key");
      store.putIfAbsent("key", bytes("other"), LONG);
    }

    pass(Duration.ofMillis(100));

    assertThat(result(store.read("key"))).isNull();
  }

  @Test
  void theLongestTimeToLiveOutlivesACentury() {
    store.put("key", bytes("state"), Store.MAX_TTL);
    pass(Duration.ofDays(36_525));

    TimedState timed = result(store.readTimed("key", 16));

    assertThat(timed.remaining()).isEqualTo(Store.MAX_TTL.minusDays(36_525));
  }

  @Test
  void partsOfAMillisecondAreCutOff() {
    store.put("key", bytes("state"), Duration.ofNanos(1_999_999));

    pass(Duration.ofMillis(1));

    assertThat(result(store.read("key"))).isNull();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> store.put("key", bytes("state"), Duration.ofNanos(999_999)));
  }

  @Test
  void isBoundedByItsWeight() {
    InMemoryStore small = InMemoryStore.builder().maxBytes(100_000).build();
    for (int i = 0; i < 1_000; i++) {
      small.put("key-" + i, new byte[1_000 - 256 - 2 * ("key-" + i).length()], LONG);
    }

    assertThat(kept(small, 1_000)).isPositive().isLessThanOrEqualTo(100);
  }

  @Test
  void keysWeighToo() {
    InMemoryStore small = InMemoryStore.builder().maxBytes(100_000).build();
    for (int i = 0; i < 1_000; i++) {
      small.put("key-" + i, new byte[0], LONG);
    }
    long withShortKeys = kept(small, 1_000);
    assertThat(withShortKeys).isPositive().isLessThanOrEqualTo(100_000 / 256);

    String prefix = "long".repeat(200);
    for (int i = 0; i < 1_000; i++) {
      small.put(prefix + i, new byte[0], LONG);
    }

    assertThat(result(small.removeMatching(prefix, "*"))).isPositive().isLessThanOrEqualTo(50);
  }

  @Test
  void aStateLargerThanTheBoundIsNotKept() {
    InMemoryStore small = InMemoryStore.builder().maxBytes(100_000).build();
    small.put("small", new byte[100], LONG);

    small.put("large", new byte[100_001], LONG);

    assertThat(result(small.read("large"))).isNull();
    assertThat(result(small.read("small"))).isNotNull();
  }

  @Test
  void aSwapCountsTheNewWeight() {
    InMemoryStore small = InMemoryStore.builder().maxBytes(100_000).build();
    for (int i = 0; i < 100; i++) {
      small.put("key-" + i, bytes("stamp:"), LONG);
    }
    assertThat(kept(small, 100)).isEqualTo(100);

    for (int i = 0; i < 100; i++) {
      small.swap("key-" + i, bytes("stamp:"), new byte[10_000], null);
    }

    assertThat(kept(small, 100)).isPositive().isLessThan(100);
  }

  @Test
  void removesAllKeysWithoutAPrefix() {
    store.put("", bytes("state"), LONG);
    store.put("a", bytes("state"), LONG);
    store.put("é", bytes("state"), LONG);

    assertThat(result(store.removeMatching("", "*"))).isEqualTo(3);
  }

  @Test
  void stagesAreCompleteWhenTheyAreReturned() {
    assertThat(store.put("key", bytes("state"), LONG).toCompletableFuture()).isDone();
    assertThat(store.removeMatching("", "*").toCompletableFuture()).isDone();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void aBoundThatIsNotPositiveIsRefused(long maxBytes) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InMemoryStore.builder().maxBytes(maxBytes))
        .withMessageContaining("maxBytes")
        .withMessageContaining(Long.toString(maxBytes));
  }

  @Test
  void byDefaultItRunsOnTheSystemsTime() {
    try (InMemoryStore byDefault = InMemoryStore.create()) {
      byDefault.put("key", bytes("state"), Duration.ofMillis(20));
      long begin = System.nanoTime();
      while (result(byDefault.read("key")) != null) {
        assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(20));
        Thread.onSpinWait();
      }
    }
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private static long kept(InMemoryStore store, int keys) {
    return IntStream.range(0, keys).filter(i -> result(store.read("key-" + i)) != null).count();
  }

  private static <T> T result(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
