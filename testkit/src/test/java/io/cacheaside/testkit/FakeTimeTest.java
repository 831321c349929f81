package io.cacheaside.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.Environment.Timer;
import io.cacheaside.Lookup;
import io.cacheaside.codec.Codec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class FakeTimeTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final FakeTime time = new FakeTime();
  private final List<String> events = new ArrayList<>();

  @Test
  void timePassesOnlyWhenItIsMoved() {
    long start = time.nanoTime();

    time.advance(Duration.ofDays(100));

    assertThat(time.nanoTime() - start).isEqualTo(Duration.ofDays(100).toNanos());
    assertThatIllegalArgumentException().isThrownBy(() -> time.advance(SECOND.negated()));
  }

  @Test
  void timersRunInOrderEachAtItsTime() {
    long start = time.nanoTime();
    time.schedule(SECOND.multipliedBy(3), () -> note(start, "third"));
    time.schedule(SECOND, () -> note(start, "first"));
    time.schedule(SECOND, () -> time.schedule(SECOND, () -> note(start, "second")));
    Timer cancelled = time.schedule(SECOND, () -> note(start, "cancelled"));
    time.schedule(SECOND.multipliedBy(4), () -> note(start, "later"));

    cancelled.cancel();
    time.advance(SECOND.multipliedBy(3));

    assertThat(events).containsExactly("first at PT1S", "second at PT2S", "third at PT3S");
    assertThat(time.pendingTimers()).containsExactly(SECOND);
  }

  private void note(long start, String event) {
    events.add(event + " at " + Duration.ofNanos(time.nanoTime() - start));
  }

  @Test
  void chanceIsWhatTheTestSays() {
    assertThat(time.random()).isZero();

    time.setRandom(0.25);

    assertThat(time.random()).isEqualTo(0.25);
    assertThatIllegalArgumentException().isThrownBy(() -> time.setRandom(1.0));
    assertThatIllegalArgumentException().isThrownBy(() -> time.setRandom(Double.NaN));
  }

  @Test
  void heldTasksRunWhenTheTestSaysSo() {
    FakeTime held = FakeTime.withHeldTasks();
    held.executor().execute(() -> events.add("first"));
    held.executor().execute(() -> held.executor().execute(() -> events.add("second")));
    assertThat(events).isEmpty();
    assertThat(held.heldTasks()).isEqualTo(2);

    assertThat(held.runTasks()).isEqualTo(3);

    assertThat(events).containsExactly("first", "second");
    assertThat(held.heldTasks()).isZero();
  }

  @Test
  void heldTasksRunBeforeTimeGoesOn() {
    FakeTime held = FakeTime.withHeldTasks();
    held.schedule(SECOND, () -> held.executor().execute(() -> events.add("first")));
    held.schedule(SECOND.multipliedBy(2), () -> events.add("second"));

    held.advance(SECOND.multipliedBy(2));

    assertThat(events).containsExactly("first", "second");
  }

  @Test
  void aRefreshInTheBackgroundWaitsForTheTest() {
    FakeTime held = FakeTime.withHeldTasks();
    SlowSource<String, String> source =
        new SlowSource<String, String>(Duration.ZERO).with("k", "new");
    try (CacheAside<String, String> cache =
        cache(held).staleWhileRevalidate(SECOND.multipliedBy(10)).build()) {
      cache.put("k", "old");
      held.advance(SECOND.multipliedBy(11));

      assertThat(cache.get("k", source::get)).isEqualTo("old");
      assertThat(source.reads()).isZero();
      held.runTasks();

      assertThat(source.reads()).isEqualTo(1);
      assertThat(cache.get("k", source::get)).isEqualTo("new");
    }
  }

  @Test
  void aCacheGrowsOldAsTheTestSays() {
    try (CacheAside<String, String> cache = cache(time).build()) {
      cache.put("k", "v");

      time.advance(SECOND.multipliedBy(10).minusNanos(1));
      assertThat(cache.lookup("k").value()).contains("v");
      time.advance(Duration.ofNanos(1));

      assertThat(cache.lookup("k")).isInstanceOf(Lookup.NotCached.class);
    }
  }

  private static CacheAsideBuilder<String, String> cache(FakeTime time) {
    return CacheAside.builder("fake-time", Codec.string())
        .environment(time)
        .ttl(SECOND.multipliedBy(10));
  }
}
