package io.cacheaside.internal.operation;

import io.cacheaside.CacheHealth;
import io.cacheaside.internal.entry.Printable;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.invalidate.ReplayQueue;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** One {@code health}: a round trip to the store. */
public final class HealthChecks {
  private final Operation.Context context;
  private final ReplayQueue<?> replayQueue;

  public HealthChecks(Operation.Context context, ReplayQueue<?> replayQueue) {
    this.context = context;
    this.replayQueue = replayQueue;
  }

  /** Returns a {@code health}. */
  Operation<CacheHealth> of(Caller caller) {
    return new HealthCheck(caller);
  }

  private record Health(
      Status status,
      @Nullable Duration roundTrip,
      @Nullable Throwable failure,
      int unconfirmedInvalidations)
      implements CacheHealth {

    @Override
    public String toString() {
      StringJoiner text = new StringJoiner(", ", "CacheHealth[", "]").add(status.name());
      if (roundTrip != null) {
        text.add("roundTrip " + Printable.rounded(roundTrip));
      }
      if (failure != null) {
        text.add(failure.toString());
      }
      if (unconfirmedInvalidations > 0) {
        text.add("unconfirmedInvalidations " + unconfirmedInvalidations);
      }
      return text.toString();
    }
  }

  private final class HealthCheck extends Operation<CacheHealth> {
    private final long startedNanos;

    HealthCheck(Caller caller) {
      super(context, caller);
      this.startedNanos = context.environment().nanoTime();
    }

    @Override
    protected void start() {
      if (context.lifecycle().isClosed()) {
        succeed(new Health(CacheHealth.Status.CLOSED, null, null, replayQueue.size()));
      } else {
        then(
            context.guard().issueAlways(Store::ping),
            (pong, failure) -> succeed(describe(context.guard().outcome("ping", failure))));
      }
    }

    private CacheHealth describe(@Nullable StoreException failure) {
      int waiting = replayQueue.size();
      if (failure != null) {
        return new Health(CacheHealth.Status.DEGRADED, null, failure, waiting);
      }
      Duration roundTrip = Duration.ofNanos(context.environment().nanoTime() - startedNanos);
      StoreException refusal = context.guard().refusal();
      CacheHealth.Status status =
          waiting == 0 && refusal == null ? CacheHealth.Status.UP : CacheHealth.Status.DEGRADED;
      return new Health(status, roundTrip, refusal, waiting);
    }
  }
}
