package io.cacheaside.internal.operation;

import io.cacheaside.Environment;
import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.lease.LeaseWatch;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one reader knows of the leases of other processes for which it has waited. Only steps of the
 * reader use it.
 */
final class LeaseWaits {
  private final Operation<?> reader;
  private final Waits waits;
  private final Rules rules;
  private @Nullable LeaseWatch watch;

  LeaseWaits(Operation<?> reader, Waits waits, Rules rules) {
    this.reader = reader;
    this.waits = waits;
    this.rules = rules;
  }

  /**
   * What all readers of a cache go by.
   *
   * @param patience how long a reader may wait for others
   * @param leaseTime how long the leases of this cache last without being renewed
   * @param isTold whether the store tells of changes
   */
  record Rules(Environment environment, Duration patience, Duration leaseTime, boolean isTold) {}

  /** Returns what the reader knows of a lease. */
  LeaseWatch on(Entry lease) {
    LeaseWatch current = watch;
    if (current == null || !current.isOn(lease.id())) {
      current =
          new LeaseWatch(
              rules.environment(), lease, rules.isTold(), rules.patience(), !waits.haveBegun());
      watch = current;
    }
    return current;
  }

  /** Returns whether the reader has waited for the load whose failure it has found. */
  boolean areFor(Entry failure) {
    return watch != null && watch.isOn(failure.failedLease());
  }

  /**
   * Returns whether the reader has waited for the load of another process, for a third of its time
   * or longer, and that came to nothing for it. So may the next one; what it loads for itself does
   * not.
   */
  boolean wereInVain(Entry nextLease) {
    return watch != null
        && !watch.isOn(nextLease.id())
        && reader.elapsed().compareTo(rules.patience().dividedBy(3)) >= 0;
  }

  /**
   * Returns whether a lease has shown no sign of life for as long as the reader may wait, and one
   * of this cache would have, whatever time the lease itself claims.
   */
  boolean isSilent(Entry lease) {
    return watch != null
        && watch.isOn(lease.id())
        && waits.areOver()
        && reader.elapsed().compareTo(rules.leaseTime()) >= 0
        && watch.isSilent(lease);
  }
}
