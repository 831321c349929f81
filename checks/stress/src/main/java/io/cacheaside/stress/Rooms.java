package io.cacheaside.stress;

import io.cacheaside.CacheListener;
import io.cacheaside.Environment;
import io.cacheaside.codec.Codec;
import io.cacheaside.codec.KeyCodec;
import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryCodec;
import io.cacheaside.internal.entry.EntryId;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.entry.Keyspace;
import io.cacheaside.internal.entry.Lifetimes;
import io.cacheaside.internal.entry.TagIds;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.events.Failures;
import io.cacheaside.internal.flow.GuardedStore;
import io.cacheaside.internal.invalidate.Barriers;
import io.cacheaside.internal.lease.FailureBackoff;
import io.cacheaside.internal.lease.Filler;
import io.cacheaside.internal.lease.Grant;
import io.cacheaside.internal.lease.Lease;
import io.cacheaside.internal.lease.Leases;
import io.cacheaside.internal.lease.Renewals;
import io.cacheaside.internal.load.Load;
import io.cacheaside.internal.load.Loads;
import io.cacheaside.internal.read.EntryReader;
import io.cacheaside.internal.read.Epochs;
import io.cacheaside.internal.read.Freshness;
import io.cacheaside.internal.read.Snapshot;
import io.cacheaside.internal.read.Tags;
import io.cacheaside.store.InMemoryStore;
import java.time.Duration;
import java.util.concurrent.Executor;

/** Rooms of an engine without a face and without a clock, for one key. */
final class Rooms {
  private static final Duration TIME = Duration.ofSeconds(10);
  private static final Duration TTL = Duration.ofMinutes(5);
  private static final Executor EXECUTOR = Runnable::run;

  final Environment environment;
  final Keyspace<String> keyspace = new Keyspace<>("stress", KeyCodec.string(), 1_000);
  final EntryKey<String> key = keyspace.of("k");
  final EntryCodec<String, String> entryCodec;
  final Events<String> events;
  final GuardedStore guard;
  private final Tags<String> tags;
  private final Freshness freshness;

  Rooms(Environment environment) {
    this.environment = environment;
    entryCodec = new EntryCodec<>(Codec.string(), environment, 0, 1_000);
    tags = new Tags<>(keyspace, environment, null, false, false);
    InMemoryStore store = InMemoryStore.builder().nanoTime(environment::nanoTime).build();
    events = new Events<>("stress", store, new CacheListener<String>() {}, environment, false);
    guard = new GuardedStore(store, events, environment, 0, TIME, EXECUTOR, afterLoss -> {});
    freshness = new Freshness(environment, Duration.ZERO, Duration.ZERO, null);
  }

  /** Returns reads whose values may be kept near. */
  EntryReader<String, String> newReader(Epochs epochs) {
    return new EntryReader<>(entryCodec, tags, freshness, epochs, environment, true);
  }

  /** Returns the loads of a process. */
  Loads<String, String> newLoads() {
    FailureBackoff backoff = new FailureBackoff(environment, Duration.ZERO, Duration.ZERO, false);
    Leases leases = new Leases(guard, entryCodec, backoff, TIME);
    Filler<String, String> filler =
        new Filler<>(
            guard,
            leases,
            entryCodec,
            new Lifetimes<>(environment, TTL, null, 0, Duration.ZERO, null),
            tags,
            new Barriers<>(environment, TTL, null, null, null),
            new Epochs(keyspace, 0, new Forward(changed -> {})),
            events,
            EXECUTOR);
    return new Loads<>(
        new Load.Context<>(
            environment,
            TIME,
            EXECUTOR,
            filler,
            leases,
            new Renewals(guard, environment, TIME),
            events,
            new Failures<>("stress", events, TIME, 1, 1)));
  }

  /** Returns a load that was granted a lease of its own. */
  Load<String, String> leasedLoad() {
    return newLoads().create(key, new Grant.OnMiss(newLease(key), TagIds.NONE));
  }

  /** Returns the grant of one of many refreshes of the same entry. */
  Grant refreshOf(EntryId entry) {
    byte[] state = Entry.absent(key, entry, 0, TTL, TagIds.NONE);
    return new Grant.OnRefresh(
        entry,
        newLease(keyspace.refreshOf(key)),
        Snapshot.at(Entry.parse(key, state, 0)),
        new Grant.Admission.Any());
  }

  private Lease newLease(EntryKey<String> at) {
    return new Lease(at, entryCodec.nextId(), 0, TIME, 0, TagIds.NONE);
  }
}
