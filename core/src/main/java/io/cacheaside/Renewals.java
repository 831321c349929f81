package io.cacheaside;

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
final class Renewals<K, V> {
  /** The part of the lease time for which leases are collected. */
  private static final int COLLECTED = 100;

  private final Guard guard;
  private final Environment environment;
  private final Duration leaseTime;
  private final Set<Load<K, V>> due = new LinkedHashSet<>();
  private boolean underWay;
  private long underWayNanos;

  /** Tells the batches under way from those that a store has left without an answer. */
  private int round;

  Renewals(Guard guard, Environment environment, Duration leaseTime) {
    this.guard = guard;
    this.environment = environment;
    this.leaseTime = leaseTime;
  }

  /**
   * Lets the lease of a load be prolonged soon by its own time, if the load still runs then. One
   * that is lost stays lost.
   */
  void renew(Load<K, V> load) {
    Lease lease = load.lease();
    if (lease != null && !lease.isLost()) {
      add(load);
    }
  }

  private void add(Load<K, V> load) {
    int mine;
    synchronized (this) {
      due.add(load);
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
    List<Load<K, V>> some = take(mine);
    if (some.isEmpty()) {
      return;
    }
    try {
      Batch batch = guard.batch(commands -> some.forEach(load -> renew(load, commands)));
      Stages.whenDone(batch.answers(), (all, failure) -> sendAfter(Duration.ZERO, mine));
    } catch (Throwable thrown) {
      end(mine);
      throw thrown;
    }
  }

  /** Takes the next ones; without any, the next that becomes due begins anew. */
  private synchronized List<Load<K, V>> take(int mine) {
    List<Load<K, V>> some = new ArrayList<>();
    if (mine != round) {
      return some;
    }
    begin();
    Iterator<Load<K, V>> first = due.iterator();
    while (some.size() < Chunks.SIZE && first.hasNext()) {
      Load<K, V> load = first.next();
      first.remove();
      if (!load.isEnded()) {
        some.add(load);
      }
    }
    underWay = !some.isEmpty();
    return some;
  }

  /** Prolongs the lease with the other commands of a batch. */
  private void renew(Load<K, V> load, Batch batch) {
    Lease lease = load.heldLease();
    guard.send(
        "renew",
        batch,
        store -> store.swapHead(lease.key().text(), lease.stamp(), lease.renewed(), lease.ttl()),
        answer -> true,
        (renewed, failure) -> {
          if (Boolean.FALSE.equals(renewed)) {
            lease.lost();
          }
        });
  }
}
