package io.cacheaside.stress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** A value is read and kept near while its key is written. */
@JCStressTest
@Outcome(id = "null", expect = Expect.ACCEPTABLE, desc = "It was read before the write.")
@Outcome(id = "new", expect = Expect.ACCEPTABLE, desc = "It was read after the write.")
@Outcome(id = "old", expect = Expect.FORBIDDEN, desc = "The old value outlives the write.")
@State
public class NearKeepRace {
  private final NearReads near = new NearReads();

  public NearKeepRace() {
    near.write("old");
  }

  @Actor
  public void reader() {
    near.read();
  }

  @Actor
  public void writer() {
    near.write("new");
  }

  @Arbiter
  public void afterwards(L_Result result) {
    result.r1 = near.find();
  }
}
