package io.cacheaside.stress;

import io.cacheaside.internal.load.Load;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** A load sets its timer while it ends. */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "No timer is left.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A timer keeps the load until its time.")
@State
public class LoadTimerRace {
  private final StillEnvironment environment = new StillEnvironment();
  private final Load<String, String> load = new Rooms(environment).leasedLoad();

  @Actor
  public void owner() {
    load.begin();
  }

  @Actor
  public void other() {
    load.abandon();
  }

  @Arbiter
  public void afterwards(I_Result result) {
    result.r1 = environment.pendingTimers();
  }
}
