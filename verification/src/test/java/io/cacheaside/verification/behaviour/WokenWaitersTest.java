package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Who waits for a load in another process is woken by what the store tells: here time stands still,
 * so that nobody looks again because some of it has passed.
 */
@OnEveryStore
@Tag("races")
class WokenWaitersTest extends CacheTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final FakeTime time = new FakeTime();
  private FaultyStore store;
  private CacheAside<String, String> there;

  /** Lets a caller in another process wait for the load of "k", which stands still. */
  private Call<String> waiting() throws Exception {
    CacheAside<String, String> here = open(builder().environment(time).leaseTime(HOUR));
    store = new FaultyStore(anotherStore());
    there = open(builder().environment(time).leaseTime(HOUR).store(store));
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
}
