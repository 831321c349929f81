package io.cacheaside.simulation.mutants;

import java.util.List;
import java.util.stream.Stream;

/**
 * The mistakes that the simulation is known to notice: those about entries that processes share,
 * and {@link FurtherMutants}.
 */
public final class Mutants {
  private static final String CORE = "core/src/main/java/io/cacheaside/";
  private static final String INTERNAL = CORE + "internal/";
  private static final String WORLD =
      "checks/simulation/src/main/java/io/cacheaside/simulation/world/";

  private static final List<Mutant> OF_SHARED_ENTRIES =
      List.of(
          // ---- What authorises a load ----
          new Mutant(
              "a fill without a comparison",
              "G1",
              INTERNAL + "lease/Filler.java",
              "store.swap(key.text(), grant.stamp(), state, ttl)",
              "store.put(key.text(), state, ttl).thenApply(stored -> true)"),
          new Mutant(
              "a refresh that overwrites whatever is there",
              "G1, G2",
              INTERNAL + "lease/Filler.java",
              "store -> store.swap(key.text(), grant.stamp(), state, ttl)",
              """
              store -> grant instanceof Grant.OnRefresh
                  ? store.put(key.text(), state, ttl).thenApply(stored -> true)
                  : store.swap(key.text(), grant.stamp(), state, ttl)"""),
          new Mutant(
              "one id per client, not per load",
              "G1, G3",
              INTERNAL + "lease/Leases.java",
              "key, entryCodec.nextId(),",
              "key, new io.cacheaside.internal.entry.EntryId(key.hash(),"
                  + " System.identityHashCode(guard)),"),
          new Mutant(
              "a lease that is kept after an unclear answer",
              "G1",
              INTERNAL + "operation/Misses.java",
              """
              if (failure != null) {
                load.abandon();
                loadAround(null);
              """,
              "if (failure != null) { granted(load);"),

          // ---- Joining ----
          new Mutant(
              "joining a read that is under way",
              "G1, G2",
              INTERNAL + "read/CoalescedReads.java",
              "return next == null ? read.apply(store, key) : next.answer;",
              "return running.answer;"),
          new Mutant(
              "joining a load without a look at its lease",
              "G1",
              INTERNAL + "operation/Misses.java",
              "} else if (checkNotRejected()) { Load<K, V> load = announceLoad(snapshot);"
                  + " reader.ask(",
              """
              } else if (loads.all().stream()
                  .anyMatch(load -> load.key().text().equals(key.text()))) {
                join(
                    loads.all().stream()
                        .filter(load -> load.key().text().equals(key.text()))
                        .findFirst()
                        .orElseThrow());
              } else if (checkNotRejected()) {
                Load<K, V> load = announceLoad(snapshot);
                reader.ask(
              """),
          new Mutant(
              "joining a lease although a tag has changed",
              "G1",
              INTERNAL + "read/Tags.java",
              "case VALUE, ABSENT, LEASE -> areUsed()",
              "case VALUE, ABSENT -> areUsed()"),
          new Mutant(
              "joining a lease although \"any\" has changed",
              "G1",
              INTERNAL + "read/Tags.java",
              "!snapshot.entry().is(Entry.Kind.LEASE) || Objects.equals(has.any(),"
                  + " snapshot.tags().any())",
              "true"),
          new Mutant(
              "joining a load that runs without the store, whenever it began",
              "G1, G5",
              INTERNAL + "load/Loads.java",
              "running.beganAfter(arrivedNanos) ? running : waiting",
              "running"),

          // ---- Tags ----
          new Mutant(
              "ids of tags that are read after the load",
              "G1",
              INTERNAL + "lease/Filler.java",
              "fill(grant.tags().ofValue(Map.of()));",
              """
              guard.call(
                  "tag",
                  executor,
                  batch,
                  store -> tags.new Reading(store, null).of(key),
                  (seen, failure) ->
                      onBound(seen == null ? null : seen.ids().ofValue(Map.of()), failure),
                  this::settle);
              """),
          new Mutant(
              "tags named by the loader, without looking at \"any\" again",
              "G1",
              INTERNAL + "read/Tags.java",
              "any.id().equals(before.any()) ? before.ofValue(ids(named)) : null",
              "before.ofValue(ids(named))"),
          new Mutant(
              "a tag that is invalidated without ending \"any\"",
              "G1",
              INTERNAL + "read/Tags.java",
              "CompletableFuture<Boolean> any = byLoaders ?",
              "CompletableFuture<Boolean> any = false ?"),
          new Mutant(
              "a generation of which clear keeps a part",
              "G1, G5",
              INTERNAL + "read/Tags.java",
              "bucket < GENERATIONS;",
              "bucket < GENERATIONS / 2;"),

          // ---- Taking away ----
          new Mutant(
              "an invalidation that hides its failure",
              "G1",
              INTERNAL + "invalidate/Invalidations.java",
              "fail(failed);",
              "succeed(0L);"),
          new Mutant(
              "a failed invalidation that is not queued",
              "G5",
              INTERNAL + "invalidate/Invalidations.java",
              "queue(); events.invalidationFailed",
              "events.invalidationFailed"),
          new Mutant(
              "queued keys that are not read around",
              "G5",
              INTERNAL + "operation/Gets.java",
              "return replayQueue.covers(key) || (",
              "return ("),
          new Mutant(
              "a queue that forgets what it could not repeat",
              "G5",
              INTERNAL + "invalidate/ReplayQueue.java",
              "synchronized (this) { Duration doubled",
              """
              synchronized (this) {
                keys.clear();
                wide.clear();
                empty = true;
                Duration doubled"""),
          new Mutant(
              "an update without a comparison",
              "G1",
              INTERNAL + "operation/Updates.java",
              "store.swap(key.text(), entry.stamp(), next, null)",
              "store.put(key.text(), next, entry.ttl()).thenApply(stored -> true)"),
          new Mutant(
              "an update that leaves a lease it meets",
              "G1",
              INTERNAL + "operation/Updates.java",
              "if (snapshot.entry().is(Entry.Kind.NONE)) {",
              "if (snapshot.entry().is(Entry.Kind.NONE) || snapshot.entry().is(Entry.Kind.LEASE))"
                  + " {"),
          new Mutant(
              "an update that leaves a cached absence",
              "G1",
              INTERNAL + "operation/Updates.java",
              "if (snapshot.entry().is(Entry.Kind.NONE)) {",
              "if (snapshot.entry().is(Entry.Kind.NONE) || snapshot.entry().is(Entry.Kind.ABSENT))"
                  + " {"),
          new Mutant(
              "a barrier behind which loads are stored",
              "G1, G10",
              INTERNAL + "lease/Filler.java",
              "grant.admission() instanceof AtLeast bound && !isAdmitted(bound.version())",
              "false"),
          new Mutant(
              "touch on a lease",
              "G4",
              INTERNAL + "operation/TtlChanges.java",
              "if (snapshot.entry().is(Entry.Kind.VALUE)) {",
              "if (snapshot.entry().is(Entry.Kind.VALUE) || snapshot.entry().is(Entry.Kind.LEASE))"
                  + " {"),
          new Mutant(
              "a stale value that is served after an invalidation",
              "G6",
              INTERNAL + "operation/Gets.java",
              "standIn().hasStale();",
              """
              standIn().hasStale();
              V old = valueReader.decodeOrNull(key, snapshot.entry());
              if (isImpatient() && old != null) {
                java.time.Duration soon = context.patience().dividedBy(4);
                context.environment().schedule(soon, () -> succeed(old));
              }
              """),
          new Mutant(
              "a scan that goes on over a promotion",
              "G1, G2",
              WORLD + "SimulatedStore.java",
              "if (page.primary() != primary) {",
              "if (false) {"));

  public static final List<Mutant> ALL =
      Stream.of(OF_SHARED_ENTRIES, FurtherMutants.ALL).flatMap(List::stream).toList();

  private Mutants() {}
}
