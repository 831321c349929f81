package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.store.ChangeListener;
import io.cacheaside.store.Store;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.testkit.ForwardingStore;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
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
