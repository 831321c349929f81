package io.cacheaside.internal.lease;

import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.entry.Keyspace;
import io.cacheaside.internal.entry.TagIds;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.invalidate.Barriers;
import io.cacheaside.internal.read.Snapshot;
import io.cacheaside.internal.read.ValueReader;
import java.util.OptionalLong;

/**
 * Makes the grants of loads that refresh an entry or join it, each with a lease yet to be asked
 * for.
 */
public final class RefreshGrants<K, V> {
  private final Keyspace<K> keyspace;
  private final Leases leases;
  private final ValueReader<K, V> valueReader;
  private final Barriers<K, V> barriers;
  private final Events<K> events;

  public RefreshGrants(
      Keyspace<K> keyspace,
      Leases leases,
      ValueReader<K, V> valueReader,
      Barriers<K, V> barriers,
      Events<K> events) {
    this.keyspace = keyspace;
    this.leases = leases;
    this.valueReader = valueReader;
    this.barriers = barriers;
    this.events = events;
  }

  /**
   * Returns the grant of a load that would replace the entry that was seen, under a lease beside
   * it. What may have ended a hold-off by its version is replaced by at least that version; by
   * nothing, if this program cannot tell it.
   */
  public Grant.OnRefresh toRefresh(EntryKey<K> key, Snapshot snapshot) {
    Grant.Admission admission =
        barriers.mayHaveEndedOne(snapshot)
            ? new Grant.Admission.AtLeast(versionOf(key, snapshot))
            : new Grant.Admission.Any();
    return Grant.OnRefresh.of(leaseBeside(key), snapshot, admission);
  }

  /**
   * Returns the grant of a load whose result would join the entry that was seen, which this program
   * cannot read.
   */
  public Grant.OnRefresh toJoin(EntryKey<K> key, Snapshot snapshot) {
    return Grant.OnRefresh.of(leaseBeside(key), snapshot, new Grant.Admission.Joining());
  }

  private Lease leaseBeside(EntryKey<K> key) {
    return leases.create(keyspace.refreshOf(key), 0, TagIds.NONE);
  }

  /** Returns the version of the value that was seen; empty if this program cannot tell it. */
  private OptionalLong versionOf(EntryKey<K> key, Snapshot snapshot) {
    V value = valueReader.decodeOrNull(key, snapshot.entry());
    try {
      return value == null ? OptionalLong.empty() : OptionalLong.of(barriers.versionOf(value));
    } catch (Throwable e) {
      events.fillSkipped(key, e);
      return OptionalLong.empty();
    }
  }
}
