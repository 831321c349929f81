package io.cacheaside.verification.history;

/** What goes wrong, one after the other. */
enum Fault {
  /** A worker is killed while its loaders run, and another one started. */
  KILL_CLIENT(true, true),
  /** A worker is stopped, for longer than a lease lasts as a rule, and goes on. */
  STOP_CLIENT(true, true),
  /** Everything is removed from all servers. */
  FLUSH(true, true),
  /** What a worker sends and is sent takes longer, but arrives in time. */
  SLOW_NETWORK(true, true),
  /** It arrives too late. */
  LATE_NETWORK(false, true),
  /** The connections of a worker are cut, again and again. */
  CUT_NETWORK(false, true),
  /** A worker cannot connect. */
  NO_NETWORK(false, true),
  /** What a worker sends is lost, and its connections stay open. */
  HALF_OPEN_TO_SERVER(false, true),
  /** What a worker is sent is lost, and its connections stay open. */
  HALF_OPEN_TO_CLIENT(false, true),
  /** What a worker is sent arrives when all is over. */
  HELD_NETWORK(false, true),
  /** A server is stopped for a moment, and goes on. */
  FREEZE_SERVER(false, true),
  /** A server is killed and started again, empty; in a cluster its replica takes over before. */
  KILL_SERVER(false, true),
  /** A server is stopped until its replica has taken over, and goes on. */
  FREEZE_UNTIL_FAILOVER(false, false),
  /** A replica takes over in agreement with its primary. */
  FAILOVER(false, false),
  /** Servers run out of memory and evict whatever it is. */
  EVICTION(false, true);

  private final boolean storeWorks;
  private final boolean onSingle;

  Fault(boolean storeWorks, boolean onSingle) {
    this.storeWorks = storeWorks;
    this.onSingle = onSingle;
  }

  /** Whether the store works meanwhile, for every worker, and forgets nothing but by a flush. */
  boolean storeWorks() {
    return storeWorks;
  }

  boolean isPossible(boolean cluster) {
    return cluster || onSingle;
  }
}
