package io.cacheaside.stress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** Two changes of a key are told at once, by two threads. */
@JCStressTest
@Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "Both count.")
@Outcome(expect = Expect.FORBIDDEN, desc = "One is lost for who reads between them.")
@State
public class EpochRace {
  private final NearReads near = new NearReads();

  @Actor
  public void one() {
    near.tell();
  }

  @Actor
  public void another() {
    near.tell();
  }

  @Arbiter
  public void afterwards(J_Result result) {
    result.r1 = near.epoch();
  }
}
