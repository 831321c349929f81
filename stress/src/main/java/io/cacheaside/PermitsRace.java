package io.cacheaside;

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
public class PermitsRace {
  private static final StillEnvironment ENVIRONMENT = new StillEnvironment();

  private final Permits permits = new Permits(ENVIRONMENT, 1, 1, Duration.ZERO);
  private final Permits.Turn holder = permits.new Turn();
  private final Permits.Turn asker = permits.new Turn();
  private volatile boolean granted;

  public PermitsRace() {
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
