package io.cacheaside;

import java.time.Duration;
import java.util.OptionalLong;

/** Makes the grants under which loads ask for their leases. */
final class Grants<K, V> {
  private final Keyspace<K> keyspace;
  private final Entries<K, V> entries;
  private final Looks<K, V> looks;
  private final Barriers<K, V> barriers;
  private final Events<K> events;
  private final Duration leaseTime;

  Grants(
      Keyspace<K> keyspace,
      Entries<K, V> entries,
      Looks<K, V> looks,
      Barriers<K, V> barriers,
      Events<K> events,
      Duration leaseTime) {
    this.keyspace = keyspace;
    this.entries = entries;
    this.looks = looks;
    this.barriers = barriers;
    this.events = events;
    this.leaseTime = leaseTime;
  }

  /** Returns a lease at a key, for a load after that many failures in a row. */
  Lease newLease(EntryKey<K> key, int failures, TagIds tags) {
    return entries.newLease(key, leaseTime, failures, tags);
  }

  /**
   * Returns the grant of a load that would replace the entry that was seen, under a lease beside
   * it. What may have ended a hold-off by its version is replaced by at least that version; by
   * nothing, if this program cannot tell it.
   */
  Grant toRefresh(EntryKey<K> key, Look look) {
    boolean keeps = barriers.mayHaveEndedOne(look);
    OptionalLong least = keeps ? versionOf(key, look) : OptionalLong.empty();
    return Grant.ofRefresh(leaseBeside(key), look, keeps, least);
  }

  /**
   * Returns the grant of a load whose result would join the entry that was seen, which this program
   * cannot read.
   */
  Grant toShare(EntryKey<K> key, Look look) {
    return Grant.ofRefresh(leaseBeside(key), look, false, OptionalLong.empty()).toShare();
  }

  private Lease leaseBeside(EntryKey<K> key) {
    return newLease(keyspace.refreshOf(key), 0, TagIds.NONE);
  }

  /** Returns the version of the value that was seen; empty if this program cannot tell it. */
  private OptionalLong versionOf(EntryKey<K> key, Look look) {
    V value = looks.decodeOrNull(key, look.entry());
    try {
      return value == null ? OptionalLong.empty() : OptionalLong.of(barriers.versionOf(value));
    } catch (Throwable e) {
      events.fillSkipped(key, e);
      return OptionalLong.empty();
    }
  }
}
