package io.cacheaside;

import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One {@code health}: a round trip to the store. */
final class HealthCheck<K, V> extends Operation<CacheHealth> {
  private final Engine<K, V> engine;
  private final long startedNanos;

  HealthCheck(Engine<K, V> engine, Caller caller) {
    super(engine.context, caller);
    this.engine = engine;
    this.startedNanos = engine.environment.nanoTime();
  }

  @Override
  void start() {
    if (engine.lifecycle.isClosed()) {
      succeed(new CacheHealth(CacheHealth.Status.CLOSED, null, null, engine.unconfirmed.size()));
    } else {
      then(
          engine.guard.issueAlways(Store::ping),
          (pong, failure) -> succeed(describe(engine.guard.outcome("ping", failure))));
    }
  }

  private CacheHealth describe(@Nullable StoreException failure) {
    int unconfirmed = engine.unconfirmed.size();
    if (failure != null) {
      return new CacheHealth(CacheHealth.Status.DEGRADED, null, failure, unconfirmed);
    }
    Duration roundTrip = Duration.ofNanos(engine.environment.nanoTime() - startedNanos);
    StoreException refusal = engine.guard.refusal();
    CacheHealth.Status status =
        unconfirmed == 0 && refusal == null ? CacheHealth.Status.UP : CacheHealth.Status.DEGRADED;
    return new CacheHealth(status, roundTrip, refusal, unconfirmed);
  }
}
