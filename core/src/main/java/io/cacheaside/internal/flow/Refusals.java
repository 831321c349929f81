package io.cacheaside.internal.flow;

import io.cacheaside.Environment;
import io.cacheaside.store.StoreException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a store that answers has refused lately, for lack of a permission or of memory for example:
 * a ping does not tell. A refusal counts for a minute, and until the store has done something of
 * the same sort, to read or to store.
 */
final class Refusals {
  private static final long LATELY_NANOS = 60_000_000_000L;
  private static final Set<String> STORING =
      Set.of("lease", "fill", "put", "update", "renew", "fence", "ttl", "tag");

  private final Environment environment;
  private volatile @Nullable Refusal reading;
  private volatile @Nullable Refusal storing;

  private record Refusal(StoreException why, long nanos) {}

  Refusals(Environment environment) {
    this.environment = environment;
  }

  void refused(String operation, StoreException why) {
    Refusal refusal = new Refusal(why, environment.nanoTime());
    if (operation.equals("read")) {
      reading = refusal;
    } else if (STORING.contains(operation)) {
      storing = refusal;
    }
  }

  /** Notes that the store has done something; returns whether it had refused that before. */
  boolean endedBy(String operation) {
    if (reading == null && storing == null) {
      return false;
    }
    if (reading != null && operation.equals("read")) {
      reading = null;
      return true;
    }
    if (storing != null && STORING.contains(operation)) {
      storing = null;
      return true;
    }
    return false;
  }

  /** Returns why the store does not do all it should; null if nothing is known of that. */
  @Nullable StoreException lately() {
    StoreException why = lately(storing);
    return why == null ? lately(reading) : why;
  }

  private @Nullable StoreException lately(@Nullable Refusal refusal) {
    return refusal == null || environment.nanoTime() - refusal.nanos() > LATELY_NANOS
        ? null
        : refusal.why();
  }
}
