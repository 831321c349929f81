package io.cacheaside.stress;

import io.cacheaside.CacheStats;
import io.cacheaside.internal.lease.LoadResult;
import io.cacheaside.internal.load.Load;
import java.util.concurrent.CompletableFuture;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LJ_Result;

/** The loader answers while the last who waited for it leaves. */
@JCStressTest
@Outcome(id = "Value, 1", expect = Expect.ACCEPTABLE, desc = "The answer was first.")
@Outcome(id = "Lost, 1", expect = Expect.ACCEPTABLE, desc = "Who left was first.")
@Outcome(expect = Expect.FORBIDDEN, desc = "It ended twice, or not at all.")
@State
public class LoadEndRace {
  private final Rooms rooms = new Rooms(new StillEnvironment());
  private final Load<String, String> load = rooms.leasedLoad();

  @Actor
  public void loader() {
    load.loaded(LoadResult.plain("value"));
  }

  @Actor
  public void caller() {
    load.leave();
  }

  @Arbiter
  public void afterwards(LJ_Result result) {
    CompletableFuture<?> outcome = load.outcome();
    CacheStats stats = rooms.events.snapshot(0, 0);
    result.r1 = outcome.isDone() ? outcome.join().getClass().getSimpleName() : "none";
    result.r2 = stats.loads() + stats.cancelledLoads();
  }
}
