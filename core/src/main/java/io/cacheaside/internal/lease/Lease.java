package io.cacheaside.internal.lease;

import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryId;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.entry.TagIds;
import java.time.Duration;
import java.util.Arrays;

/**
 * The right of one load to go on alone: a lease state in the store, known by its id. It stands
 * where the entry will be, or beside an entry that is being refreshed.
 */
public final class Lease {
  private final EntryKey<?> key;
  private final EntryId id;
  private final int schemaVersion;
  private final Duration ttl;
  private int failures;
  private final TagIds tags;
  private int renewals;
  private volatile boolean over;

  public Lease(
      EntryKey<?> key, EntryId id, int schemaVersion, Duration ttl, int failures, TagIds tags) {
    this.key = key;
    this.id = id;
    this.schemaVersion = schemaVersion;
    this.ttl = ttl;
    this.failures = failures;
    this.tags = tags;
  }

  EntryKey<?> key() {
    return key;
  }

  EntryId id() {
    return id;
  }

  public Duration ttl() {
    return ttl;
  }

  /** Returns how many loads failed in a row before this lease. */
  int failures() {
    return failures;
  }

  /** Counts on from what was found in the way; called before the lease is granted. */
  void continueAfter(Entry other) {
    failures = other.failures();
  }

  public byte[] state() {
    return Entry.lease(key, id, schemaVersion, ttl, renewals, failures, tags);
  }

  public byte[] stamp() {
    return Arrays.copyOf(state(), Entry.STAMP_BYTES);
  }

  public boolean is(Entry entry) {
    return entry.is(Entry.Kind.LEASE) && entry.id().equals(id);
  }

  /**
   * Returns whether it is not renewed any more: its load has ended, or a renewal has found
   * something else in its place.
   */
  boolean isOver() {
    return over;
  }

  public void end() {
    over = true;
  }

  /** Returns the next state of this lease; called for one renewal after the other. */
  byte[] renewed() {
    renewals++;
    return state();
  }
}
