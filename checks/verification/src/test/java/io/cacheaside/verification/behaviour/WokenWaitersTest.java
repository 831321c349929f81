package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.store.ChangeFeed;
import io.cacheaside.store.ChangeListener;
import io.cacheaside.store.ChangeListener.Cause;
import io.cacheaside.store.Store;
import io.cacheaside.store.WatchedState;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.testkit.ForwardingStore;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Who waits for a load in another process is woken by what the store tells. Time stands still here,
 * so that nobody looks again because some of it has passed, until a test lets it pass.
 */
@OnEveryStore
@Tag("races")
class WokenWaitersTest extends CacheTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final FakeTime time = new FakeTime();
  private FaultyStore store;
  private CacheAside<String, String> there;

  /** A store that tells nobody of what changes. */
  private static final class Mute extends ForwardingStore {
    Mute(Store delegate) {
      super(delegate);
    }

    @Override
    public boolean watch(ChangeListener listener, Duration maxLag) {
      return true;
    }
  }

  /** A store whose first feed ends when a test says so; that it did is told by the test alone. */
  private static final class Ending extends ForwardingStore {
    private final AtomicBoolean read = new AtomicBoolean();
    private volatile boolean ended;
    private volatile ChangeListener listener;
    private final ChangeFeed first = (nowNanos, maxLagNanos) -> !ended;

    Ending(Store delegate) {
      super(delegate);
    }

    @Override
    public boolean watch(ChangeListener told, Duration maxLag) {
      listener = told;
      return true;
    }

    @Override
    public CompletionStage<WatchedState> readWatched(String key) {
      ChangeFeed feed = read.getAndSet(true) ? (nowNanos, maxLagNanos) -> true : first;
      return super.readWatched(key)
          .thenApply(
              state ->
                  state == null ? null : new WatchedState(state.bytes(), state.remaining(), feed));
    }
  }

  private Call<String> waiting() throws Exception {
    return waiting(anotherStore(), HOUR);
  }

  /** Lets a caller in another process wait for the load of "k", which stands still. */
  private Call<String> waiting(Store connected, Duration leaseTime) throws Exception {
    CacheAside<String, String> here = open(builder().environment(time).leaseTime(leaseTime));
    store = new FaultyStore(connected);
    there = open(builder().environment(time).leaseTime(leaseTime).store(store));
    source.with("k", "loaded here").pause();
    callers.start(() -> here.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    Call<String> waiter = callers.start(() -> there.get("k", key -> "loaded there"));
    awaitWaiting(there, 1, List.of(waiter));
    eventually(
        () -> {
          time.advance(Duration.ZERO);
          assertThat(store.count(Operation.READ_WATCHED, stored("k"))).isPositive();
        });
    return waiter;
  }

  @Test
  void byTheFill() throws Exception {
    Call<String> waiter = waiting();

    source.resume();

    assertThat(waiter.result()).isEqualTo("loaded here");
  }

  @Test
  void byAnInvalidationElsewhere() throws Exception {
    Call<String> waiter = waiting();

    store().remove(stored("k"));

    assertThat(waiter.result()).isEqualTo("loaded there");
  }

  @Test
  void byTheRemovalOfEverything() throws Exception {
    Call<String> waiter = waiting();

    there.clear();

    assertThat(waiter.result()).isEqualTo("loaded there");
  }

  @Test
  void byTheEndOfTheFeedThatWouldTell() throws Exception {
    Ending ending = new Ending(anotherStore());
    waiting(ending, HOUR);

    ending.ended = true;
    ending.listener.feedEnded(ending.first, Cause.DISCONNECTED);

    eventually(this::assertAnotherLook);
  }

  /** It ends before anybody waits for what it would tell. */
  @Test
  void byAFeedThatHasEndedAlready() throws Exception {
    Ending ending = new Ending(anotherStore());
    ending.ended = true;

    waiting(ending, HOUR);

    eventually(this::assertAnotherLook);
  }

  private void assertAnotherLook() {
    assertThat(store.count(Operation.READ_WATCHED, stored("k"))).isGreaterThan(1);
  }

  @Test
  void byTheirClockIfWhatIsToldGetsLost() throws Exception {
    Call<String> waiter = waiting(new Mute(anotherStore()), Duration.ofSeconds(30));
    source.resume();
    eventually(() -> assertCached(there, "k", "loaded here"));

    eventually(
        () -> {
          time.advance(Duration.ofSeconds(10));
          assertThat(waiter.isDone()).isTrue();
        });

    assertThat(waiter.result()).isEqualTo("loaded here");
  }
}
