package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Hold;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** G4: a load that has its lease, and whose owner is kept from beginning it. */
@InMemoryOnly
class UnbegunLoadTest extends CacheTest {
  private static final Duration LOAD_TIMEOUT = Duration.ofSeconds(30);
  private static final List<String> KEYS = List.of("a", "b");

  private final FakeTime time = new FakeTime();
  private final CompletableFuture<String> begun = new CompletableFuture<>();
  private final CountDownLatch hanging = new CountDownLatch(1);

  private Map<String, String> load(Set<String> keys) throws InterruptedException {
    begun.complete(keys.iterator().next());
    hanging.await();
    return BulkTest.itself(keys);
  }

  /**
   * Lets a caller wait for two keys that another process loads, and then load both itself: on one
   * thread, and the first of its loaders hangs.
   *
   * @return the key that it does not get to
   */
  private String leaveOneUnbegun(CacheAside<String, String> here, FaultyStore store)
      throws Exception {
    CacheAside<String, String> there = open(builder().store(anotherStore()));
    source.pause();
    callers.start(() -> there.getAll(KEYS, source::getAll));
    source.awaitWaiting(1, Callers.DEADLINE);
    callers.start(() -> here.getAll(KEYS, this::load));
    for (String key : KEYS) {
      eventually(
          () -> {
            time.advance(Duration.ZERO);
            assertThat(store.count(Operation.READ_WATCHED, stored(key))).isPositive();
          });
    }
    Hold granted = store.every(Operation.PUT_IF_ABSENT).holdReply();
    source.resume();
    granted.awaitArrived(2);
    granted.release();
    return begun.get(10, TimeUnit.SECONDS).equals("a") ? "b" : "a";
  }

  @Test
  void isWaitedForNoLongerThanTheLoadTimeout() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> here =
        open(builder().store(store).environment(time).loadTimeout(LOAD_TIMEOUT));
    String unbegun = leaveOneUnbegun(here, store);
    Call<String> guest = callers.start(() -> here.get(unbegun, key -> "loaded"));
    awaitWaiting(here, 3, List.of(guest));

    time.advance(LOAD_TIMEOUT);

    assertThat(guest.result()).isIn("loaded", unbegun);
    hanging.countDown();
  }
}
