package io.cacheaside.stress;

import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.read.Epoch;
import io.cacheaside.internal.read.Epochs;
import io.cacheaside.internal.read.ScheduledReads;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/** A waiter who has looked at a lease begins to wait while it is told that the key has changed. */
@JCStressTest
@Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "The waiter looks again at once.")
@Outcome(id = "false", expect = Expect.FORBIDDEN, desc = "The waiter sleeps until the timer.")
@State
public class ScheduledReadRace {
  private static final StillEnvironment ENVIRONMENT = new StillEnvironment();
  private static final Rooms ROOMS = new Rooms(ENVIRONMENT);
  private static final EntryKey<String> KEY = ROOMS.key;
  private static final Duration LONG = Duration.ofHours(1);

  private final Epochs epochs = new Epochs(ROOMS.keyspace, 0, new Forward(this::changed));
  private final ScheduledReads<String, String> reads =
      new ScheduledReads<>(
          ROOMS.guard,
          epochs,
          ENVIRONMENT,
          Runnable::run,
          (store, key) -> CompletableFuture.completedFuture("read"));
  private final Epoch seen = epochs.epochOf(KEY.text(), 0);
  private volatile CompletableFuture<String> answer = new CompletableFuture<>();

  private void changed(String key) {
    reads.changed(key);
  }

  @Actor
  public void waiter() {
    answer = reads.after(LONG, KEY, seen);
  }

  @Actor
  public void store() {
    epochs.changed(KEY.text());
  }

  @Arbiter
  public void afterwards(Z_Result result) {
    result.r1 = answer.isDone();
  }
}
