package io.cacheaside.stress;

import io.cacheaside.internal.load.Bulkhead;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;

/** Turns that ask for one of two places, or for one of two to wait, and give them back. */
@Param(name = "thread", gen = ThreadIdGen.class)
@Param(name = "which", gen = IntGen.class, conf = "0:1")
@Param(name = "turn", gen = IntGen.class, conf = "0:7")
public final class BulkheadOperations {
  static final int PLACES = 2;
  static final int WAITING = 2;
  private static final int TURNS = 8;
  private static final StillEnvironment ENVIRONMENT = new StillEnvironment();

  private final Bulkhead bulkhead = new Bulkhead(ENVIRONMENT, PLACES, WAITING, Duration.ZERO);
  private final List<Asker> askers = IntStream.range(0, TURNS).mapToObj(i -> new Asker()).toList();

  /** Who asks once, and ends whenever that is. */
  private final class Asker {
    private final Bulkhead.Permit turn = bulkhead.new Permit();
    private final AtomicBoolean asked = new AtomicBoolean();
    private volatile boolean started;
    private volatile boolean over;

    String ask() {
      if (!asked.compareAndSet(false, true)) {
        return "used";
      }
      Bulkhead.Answer answer = turn.ask(() -> started = true);
      switch (answer) {
        case NOW -> started = true;
        case NEVER -> over = true;
        case LATER -> {}
      }
      return answer.name();
    }

    void end() {
      over = true;
      turn.end();
    }

    boolean wantsPlace() {
      return asked.get() && !over;
    }

    boolean hasPlace() {
      return started && !over;
    }
  }

  /** Asks for a place, once; a turn that has ended needs none. */
  @Operation(params = {"thread", "which"})
  public String ask(int thread, int which) {
    return askers.get(turnOf(thread, which)).ask();
  }

  @Operation(params = "turn")
  public void end(int turn) {
    askers.get(turn).end();
  }

  /** A turn is asked for by one thread alone, so that it is known whether that is done. */
  static int turnOf(int thread, int which) {
    return (2 * thread + which) % TURNS;
  }

  @Operation
  public boolean isExhausted() {
    return bulkhead.isExhausted();
  }

  /** When nobody asks and nobody ends, each place is used by somebody who wants it. */
  @Validate
  public void noPlaceIsLost() {
    long wanted = askers.stream().filter(Asker::wantsPlace).count();
    long running = askers.stream().filter(Asker::hasPlace).count();
    if (running != Math.min(PLACES, wanted)) {
      throw new IllegalStateException(running + " run of " + wanted);
    }
  }
}
