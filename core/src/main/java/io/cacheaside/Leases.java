package io.cacheaside;

import io.cacheaside.store.Store;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Leases of loads: asked for, given back, and replaced by a note when the load has failed.
 *
 * <p>All of it names ids, so it has no effect once the key was invalidated or the lease was taken
 * over. Nobody waits for it: commands leave in order, so that what the same thread does next to the
 * key finds it done.
 */
final class Leases<K, V> {
  /** A failure is remembered longer than it holds loads back, so that the next hold is longer. */
  private static final int KEPT_HOLDS = 3;

  private final Guard guard;
  private final Loads<K, V> loads;
  private final Entries<K, V> entries;
  private final BackOff backOff;

  Leases(Guard guard, Loads<K, V> loads, Entries<K, V> entries, BackOff backOff) {
    this.guard = guard;
    this.loads = loads;
    this.entries = entries;
    this.backOff = backOff;
  }

  /** Asks for the lease of a load on a miss; the answer is null, or what is there instead. */
  static CompletionStage<byte @Nullable []> ask(Store store, Load<?, ?> load) {
    Lease lease = load.heldLease();
    return store.putIfAbsent(lease.key().text(), lease.state(), lease.ttl());
  }

  /** Gives the lease back, so that the next reader can load at once. */
  void release(Load<K, V> load) {
    loads.ended(load);
    Lease lease = load.lease();
    if (lease != null) {
      guard.send(
          Guard.RELEASE,
          load.batch(),
          store -> store.remove(lease.key().text(), lease.stamp()),
          answer -> true,
          (removed, failure) -> {});
    }
  }

  /**
   * Replaces the lease by the note that its load failed, for those who wait in other processes, and
   * for everybody while loads are held back.
   */
  void fail(Load<K, V> load, Throwable failure) {
    loads.ended(load);
    Lease lease = load.lease();
    Grant grant = load.grant();
    if (lease != null && grant != null) {
      Duration held = backOff.after(lease.failures() + 1, grant.isRefresh());
      Duration ttl = held.isZero() ? lease.ttl() : held.multipliedBy(KEPT_HOLDS);
      byte[] note = entries.failureState(lease, ttl, held, failure);
      guard.send(
          "fail",
          load.batch(),
          store -> store.swap(lease.key().text(), lease.stamp(), note, ttl),
          answer -> true,
          (noted, storeFailure) -> {
            if (storeFailure != null) {
              release(load);
            }
          });
    }
  }
}
