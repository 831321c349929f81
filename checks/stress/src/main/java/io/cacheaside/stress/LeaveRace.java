package io.cacheaside.stress;

import io.cacheaside.internal.load.Load;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** The two who wait for a load leave at once. */
@JCStressTest
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "The last one ended it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "It goes on for nobody.")
@State
public class LeaveRace {
  private static final Rooms ROOMS = new Rooms(new StillEnvironment());

  private final Load<String, String> load = ROOMS.leasedLoad();

  public LeaveRace() {
    load.join();
  }

  @Actor
  public void one() {
    load.leave();
  }

  @Actor
  public void another() {
    load.leave();
  }

  @Arbiter
  public void afterwards(ZZ_Result result) {
    result.r1 = load.isEnded();
    result.r2 = load.outcome().isDone();
  }
}
