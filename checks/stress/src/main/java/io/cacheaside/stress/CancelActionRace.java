package io.cacheaside.stress;

import io.cacheaside.internal.load.Load;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** A loader says how it can be cancelled while nobody wants it any more. */
@JCStressTest
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "It is cancelled.")
@Outcome(id = "2", expect = Expect.FORBIDDEN, desc = "It is cancelled twice.")
@Outcome(id = "0", expect = Expect.FORBIDDEN, desc = "It goes on for nobody.")
@State
public class CancelActionRace {
  private static final Rooms ROOMS = new Rooms(new StillEnvironment());

  private final Load<String, String> load = ROOMS.leasedLoad();
  private final AtomicInteger cancels = new AtomicInteger();

  @Actor
  public void loader() {
    load.onCancel(cancels::incrementAndGet);
  }

  @Actor
  public void caller() {
    load.leave();
  }

  @Arbiter
  public void afterwards(I_Result result) {
    result.r1 = cancels.get();
  }
}
