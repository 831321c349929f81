package io.cacheaside.stress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JL_Result;

/** A near value is read while its key is written. */
@JCStressTest
@Outcome(id = "0, old", expect = Expect.ACCEPTABLE, desc = "The write is not told yet.")
@Outcome(id = "0, null", expect = Expect.ACCEPTABLE, desc = "The write is told meanwhile.")
@Outcome(id = "1, null", expect = Expect.ACCEPTABLE, desc = "The write was told.")
@Outcome(id = "1, old", expect = Expect.FORBIDDEN, desc = "A hit after the write was told.")
@State
public class NearHitRace {
  private final NearReads near = new NearReads();
  private final long before;

  public NearHitRace() {
    near.write("old");
    near.read();
    before = near.epoch();
  }

  @Actor
  public void writer() {
    near.write("new");
  }

  @Actor
  public void reader(JL_Result result) {
    result.r1 = near.epoch() - before;
    result.r2 = near.find();
  }
}
