package io.cacheaside.verification.history;

/** What the clients of a worker do. */
enum Mix {
  /** Reads and writes at random, and loads that take time and sometimes fail. */
  EVERYTHING,
  /** Nothing but writes, one after the other, each followed by an update or an invalidation. */
  WRITES,
  /** Nothing but plain reads, and now and then a proof that all changes have been told. */
  READS
}
