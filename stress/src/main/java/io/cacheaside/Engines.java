package io.cacheaside;

import io.cacheaside.codec.Codec;
import java.time.Duration;

/** Engines and what they are made of, without a face and without a clock. */
final class Engines {
  private Engines() {}

  static CacheAsideBuilder<String, String> builder(Environment environment) {
    return CacheAside.builder("stress", Codec.string()).environment(environment);
  }

  static Engine<String, String> on(Environment environment) {
    return new Engine<>(builder(environment).settings());
  }

  static EntryKey<String> keyOf(Engine<String, String> engine) {
    return engine.tags.tagged(engine.keyspace.of("k"));
  }

  static Lease newLease(Engine<String, String> engine, EntryKey<String> key) {
    return engine.grants.newLease(key, 0, TagIds.NONE);
  }

  /** Returns the loads of a key for which an engine has all but a place where they are known. */
  static Loads<String, String> newLoads(Engine<String, String> engine) {
    return new Loads<>(
        new Load.Context<>(
            engine.environment,
            engine.settings.loads().timeout(),
            engine.executor,
            new Filler<>(
                engine.guard,
                engine.leases,
                engine.entries,
                engine.lifetimes,
                engine.tags,
                engine.barriers,
                engine.changes,
                engine.events,
                engine.executor),
            engine.leases,
            new Renewals(engine.guard, engine.environment, engine.settings.loads().leaseTime()),
            engine.events,
            engine.failures));
  }

  /** Returns a load that was granted a lease of its own. */
  static Load<String, String> leasedLoad(Engine<String, String> engine) {
    EntryKey<String> key = keyOf(engine);
    return engine.loads.create(key, new Grant.OnMiss(newLease(engine, key), TagIds.NONE));
  }

  /** Returns the grant of one of many refreshes of the same entry. */
  static Grant refreshOf(Engine<String, String> engine, EntryKey<String> key, EntryId entry) {
    byte[] state = Entry.absent(key, entry, 0, Duration.ofMinutes(1), TagIds.NONE);
    return new Grant.OnRefresh(
        newLease(engine, engine.keyspace.refreshOf(key)),
        Snapshot.at(Entry.parse(key, state, 0)),
        new Grant.Admission.Any());
  }
}
