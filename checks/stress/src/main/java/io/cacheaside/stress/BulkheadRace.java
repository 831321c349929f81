package io.cacheaside.stress;

import io.cacheaside.internal.load.Bulkhead;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LZ_Result;

/** The only place is given back while somebody asks for it. */
@JCStressTest
@Outcome(id = "NOW, false", expect = Expect.ACCEPTABLE, desc = "It was free.")
@Outcome(id = "LATER, true", expect = Expect.ACCEPTABLE, desc = "It became free.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Nobody has it, and somebody waits.")
@State
public class BulkheadRace {
  private static final StillEnvironment ENVIRONMENT = new StillEnvironment();

  private final Bulkhead bulkhead = new Bulkhead(ENVIRONMENT, 1, 1, Duration.ZERO);
  private final Bulkhead.Permit holder = bulkhead.new Permit();
  private final Bulkhead.Permit asker = bulkhead.new Permit();
  private volatile boolean granted;

  public BulkheadRace() {
    holder.ask(() -> {});
  }

  @Actor
  public void holder() {
    holder.end();
  }

  @Actor
  public void asker(LZ_Result result) {
    result.r1 = asker.ask(() -> granted = true);
  }

  @Arbiter
  public void afterwards(LZ_Result result) {
    result.r2 = granted;
  }
}
