package io.cacheaside;

import java.util.concurrent.CompletableFuture;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.LoadOutcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LJ_Result;

/** The loader answers while the last who waited for it leaves. */
@JCStressTest
@LoadOutcome(id = "Loaded, 1", expect = Expect.ACCEPTABLE, desc = "The answer was first.")
@LoadOutcome(id = "Lost, 1", expect = Expect.ACCEPTABLE, desc = "Who left was first.")
@LoadOutcome(expect = Expect.FORBIDDEN, desc = "It ended twice, or not at all.")
@State
public class LoadEndRace {
  private final Engine<String, String> engine = Engines.on(new StillEnvironment());
  private final Load<String, String> load = Engines.leasedLoad(engine);

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
    CacheStats stats = engine.stats();
    result.r1 = outcome.isDone() ? outcome.join().getClass().getSimpleName() : "none";
    result.r2 = stats.loads() + stats.cancelledLoads();
  }
}
