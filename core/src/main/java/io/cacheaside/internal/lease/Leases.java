package io.cacheaside.internal.lease;

import io.cacheaside.internal.entry.EntryCodec;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.entry.TagIds;
import io.cacheaside.internal.flow.Batch;
import io.cacheaside.internal.flow.GuardedStore;
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
public final class Leases {
  /** A failure is remembered longer than it holds loads back, so that the next hold is longer. */
  private static final int KEPT_HOLDS = 3;

  private final GuardedStore guard;
  private final EntryCodec<?, ?> entryCodec;
  private final FailureBackoff failureBackoff;
  private final Duration leaseTime;

  /**
   * Creates the leases of a cache.
   *
   * @param leaseTime how long one lasts without being renewed
   */
  public Leases(
      GuardedStore guard,
      EntryCodec<?, ?> entryCodec,
      FailureBackoff failureBackoff,
      Duration leaseTime) {
    this.guard = guard;
    this.entryCodec = entryCodec;
    this.failureBackoff = failureBackoff;
    this.leaseTime = leaseTime;
  }

  /** Returns a lease that is yet to be asked for, after that many failed loads in a row. */
  public Lease create(EntryKey<?> key, int failures, TagIds tags) {
    return new Lease(
        key, entryCodec.nextId(), entryCodec.schemaVersion(), leaseTime, failures, tags);
  }

  /**
   * Asks for a lease where nothing is. The store grants it to the first that asks: the answer is
   * null, or what is there instead.
   */
  public static CompletionStage<byte @Nullable []> ask(Store store, Lease lease) {
    return store.putIfAbsent(lease.key().text(), lease.state(), lease.ttl());
  }

  /**
   * Gives a lease back, so that the next reader can load at once.
   *
   * @param batch the commands to which this one belongs; null if it is sent alone
   */
  public void release(@Nullable Lease lease, @Nullable Batch batch) {
    if (lease != null) {
      guard.send(
          GuardedStore.RELEASE,
          batch,
          store -> store.remove(lease.key().text(), lease.stamp()),
          answer -> true,
          (removed, failure) -> {});
    }
  }

  /**
   * Replaces the lease by the note that its load failed, for those who wait in other processes, and
   * for everybody while loads are held back.
   */
  public void fail(Grant grant, @Nullable Batch batch, Throwable failure) {
    Lease lease = grant.lease();
    if (lease != null) {
      int failed = lease.failures() + 1;
      Duration held = failureBackoff.after(failed, grant instanceof Grant.OnRefresh);
      Duration ttl = held.isZero() ? lease.ttl() : held.multipliedBy(KEPT_HOLDS);
      byte[] note = entryCodec.failureState(lease.key(), lease.id(), failed, ttl, held, failure);
      guard.send(
          "fail",
          batch,
          store -> store.swap(lease.key().text(), lease.stamp(), note, ttl),
          answer -> true,
          (noted, storeFailure) -> {
            if (storeFailure != null) {
              release(lease, batch);
            }
          });
    }
  }
}
