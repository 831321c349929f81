package io.cacheaside;

import io.cacheaside.store.StoreException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One {@code health}: a round trip to the store. */
final class HealthCheck<K, V> extends Operation<K, V, CacheHealth> {
  private final long startedNanos;

  HealthCheck(Engine<K, V> engine, Caller caller) {
    super(engine, caller);
    this.startedNanos = engine.environment.nanoTime();
  }

  @Override
  void start() {
    if (engine.isClosed()) {
      succeed(new CacheHealth(CacheHealth.Status.CLOSED, null, null));
    } else {
      ask("ping", store -> store.ping(), (pong, failure) -> succeed(describe(failure)));
    }
  }

  private CacheHealth describe(@Nullable StoreException failure) {
    if (failure != null) {
      return new CacheHealth(CacheHealth.Status.DEGRADED, null, failure);
    }
    Duration roundTrip = Duration.ofNanos(engine.environment.nanoTime() - startedNanos);
    return new CacheHealth(CacheHealth.Status.UP, roundTrip, null);
  }
}
