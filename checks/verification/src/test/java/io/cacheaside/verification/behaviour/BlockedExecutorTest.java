package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Hold;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The executor of a cache may be busy with callers that wait for the cache. */
@OnEveryStore
@Only(Face.SYNC)
@Tag("races")
class BlockedExecutorTest extends CacheTest {
  private static final int UNDER_WAY = 3;

  @Test
  void whoSharesTheNextReadMayKeepTheExecutorBusy() throws Exception {
    FaultyStore store = faultyStore();
    ExecutorService only = Executors.newSingleThreadExecutor(CacheTest::step);
    CacheAside<String, String> cache = open(builder().store(store).executor(only));
    cached(cache, "k", "v");
    Hold replies = store.every(Operation.READ).of(stored("k")).holdReply();
    List<Call<String>> calls = new ArrayList<>();
    for (int i = 0; i < UNDER_WAY; i++) {
      calls.add(callers.start(() -> cache.get("k", CacheTest::notLoaded)));
    }
    replies.awaitArrived(UNDER_WAY);
    CompletableFuture<Thread> reader = new CompletableFuture<>();
    CompletableFuture<String> next =
        CompletableFuture.supplyAsync(
            () -> {
              reader.complete(Thread.currentThread());
              return cache.get("k", CacheTest::notLoaded);
            },
            only);
    eventually(
        () ->
            assertThat(reader.join().getState())
                .isIn(Thread.State.WAITING, Thread.State.TIMED_WAITING));

    store.heal();
    replies.release();

    assertThat(Callers.results(calls)).containsOnly("v");
    assertThat(next.get(Callers.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isEqualTo("v");
    only.shutdown();
  }
}
