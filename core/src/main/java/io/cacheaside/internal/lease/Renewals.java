package io.cacheaside.internal.lease;

import io.cacheaside.Environment;
import io.cacheaside.internal.flow.Batch;
import io.cacheaside.internal.flow.Chunks;
import io.cacheaside.internal.flow.GuardedStore;
import io.cacheaside.internal.flow.Stages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The leases that are due to be renewed. Those that become due at about the same time are sent
 * together, one batch after the other, because the many leases of one {@code getAll} would keep a
 * store busy otherwise.
 *
 * <p>The timer sends them. State is guarded by this object's monitor, in which nothing waits. The
 * clock is all that is called in it.
 */
public final class Renewals {
  /** The part of the lease time for which leases are collected. */
  private static final int COLLECTED = 100;

  private final GuardedStore guard;
  private final Environment environment;
  private final Duration leaseTime;
  private final Set<Lease> due = new LinkedHashSet<>();
  private boolean underWay;
  private long underWayNanos;

  /** Tells the batches under way from those that a store has left without an answer. */
  private int round;

  public Renewals(GuardedStore guard, Environment environment, Duration leaseTime) {
    this.guard = guard;
    this.environment = environment;
    this.leaseTime = leaseTime;
  }

  /**
   * Lets a lease be prolonged soon by its own time, unless it is over then. One that is lost stays
   * lost.
   */
  public void renew(Lease lease) {
    if (!lease.isOver()) {
      add(lease);
    }
  }

  private void add(Lease lease) {
    int mine;
    synchronized (this) {
      due.add(lease);
      if (underWay && !isStuck()) {
        return;
      }
      begin();
      mine = ++round;
    }
    sendAfter(leaseTime.dividedBy(COLLECTED), mine);
  }

  private void begin() {
    underWay = true;
    underWayNanos = environment.nanoTime();
  }

  /** Returns whether a batch has had no answer for so long that its leases are lost. */
  private boolean isStuck() {
    long nanos = environment.nanoTime() - underWayNanos;
    return nanos >= leaseTime.toNanos();
  }

  private void sendAfter(Duration delay, int mine) {
    try {
      environment.schedule(delay, () -> send(mine));
    } catch (Throwable thrown) {
      end(mine);
      throw thrown;
    }
  }

  private synchronized void end(int mine) {
    if (mine == round) {
      underWay = false;
    }
  }

  private void send(int mine) {
    List<Lease> some = take(mine);
    if (some.isEmpty()) {
      return;
    }
    try {
      Batch batch = guard.batch(commands -> some.forEach(lease -> renew(lease, commands)));
      Stages.whenDone(batch.answers(), (all, failure) -> sendAfter(Duration.ZERO, mine));
    } catch (Throwable thrown) {
      end(mine);
      throw thrown;
    }
  }

  /** Takes the next ones; without any, the next that becomes due begins anew. */
  private synchronized List<Lease> take(int mine) {
    List<Lease> some = new ArrayList<>();
    if (mine != round) {
      return some;
    }
    begin();
    Iterator<Lease> first = due.iterator();
    while (some.size() < Chunks.SIZE && first.hasNext()) {
      Lease lease = first.next();
      first.remove();
      if (!lease.isOver()) {
        some.add(lease);
      }
    }
    underWay = !some.isEmpty();
    return some;
  }

  /** Prolongs the lease with the other commands of a batch. */
  private void renew(Lease lease, Batch batch) {
    guard.send(
        "renew",
        batch,
        store -> store.swapHead(lease.key().text(), lease.stamp(), lease.renewed(), lease.ttl()),
        answer -> true,
        (renewed, failure) -> {
          if (Boolean.FALSE.equals(renewed)) {
            lease.end();
          }
        });
  }
}
