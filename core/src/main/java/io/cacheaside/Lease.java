package io.cacheaside;

import java.time.Duration;
import java.util.Arrays;

/** The right to store the result of one load: a lease state in the store, known by its id. */
final class Lease {
  private final EntryKey<?> key;
  private final EntryId id;
  private final int schemaVersion;
  private final Duration ttl;
  private final byte[] first;
  private int renewals;

  Lease(EntryKey<?> key, EntryId id, int schemaVersion, Duration ttl) {
    this.key = key;
    this.id = id;
    this.schemaVersion = schemaVersion;
    this.ttl = ttl;
    this.first = Entry.lease(key, id, schemaVersion, ttl, 0);
  }

  EntryId id() {
    return id;
  }

  Duration ttl() {
    return ttl;
  }

  byte[] state() {
    return first;
  }

  byte[] stamp() {
    return Arrays.copyOf(first, Entry.STAMP_BYTES);
  }

  /** Returns the next state of this lease; called by its load's timer alone. */
  byte[] renewed() {
    return Entry.lease(key, id, schemaVersion, ttl, ++renewals);
  }
}
