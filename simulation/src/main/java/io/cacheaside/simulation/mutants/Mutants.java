package io.cacheaside.simulation.mutants;

import java.util.List;

/** The mistakes that the simulation is known to notice. */
public final class Mutants {
  private static final String CORE = "core/src/main/java/io/cacheaside/";
  private static final String WORLD = "simulation/src/main/java/io/cacheaside/simulation/world/";

  public static final List<Mutant> ALL =
      List.of(
          // ---- What authorises a load ----
          new Mutant(
              "a fill without a comparison",
              "G1",
              CORE + "Filler.java",
              "store.swap(key.text(), grant.stamp(), state, ttl)",
              "store.put(key.text(), state, ttl).thenApply(stored -> true)"),
          new Mutant(
              "a refresh that overwrites whatever is there",
              "G1, G2",
              CORE + "Filler.java",
              "store -> store.swap(key.text(), grant.stamp(), state, ttl)",
              """
              store -> grant.isRefresh()
                  ? store.put(key.text(), state, ttl).thenApply(stored -> true)
                  : store.swap(key.text(), grant.stamp(), state, ttl)\
              """),
          new Mutant(
              "one id per client, not per load",
              "G1, G3",
              CORE + "Entries.java",
              "new Lease(at, nextId(),",
              "new Lease(at, new EntryId(at.hash(), environment.hashCode()),"),
          new Mutant(
              "a lease that is kept after an unclear answer",
              "G1",
              CORE + "GetOperation.java",
              """
              if (failure != null) {
                load.abandon();
                loadWithoutStore(null);
              """,
              "if (failure != null) { granted(load);"),

          // ---- Joining ----
          new Mutant(
              "joining a read that is under way",
              "G1, G2",
              CORE + "GroupedReads.java",
              "return next == null ? read.apply(store, key) : next.answer;",
              "return running.answer;"),
          new Mutant(
              "joining a load without a look at the store",
              "G1",
              CORE + "GetOperation.java",
              "if (mustReadAround()) { loadWithoutStore(null);",
              """
              Load<K, V> running =
                  engine.loads.all().stream()
                      .filter(load -> load.key().text().equals(key.text()))
                      .findFirst()
                      .orElse(null);
              if (running != null && !missed) {
                join(running);
              } else if (mustReadAround()) {
                loadWithoutStore(null);
              """),
          new Mutant(
              "joining a lease although a tag has changed",
              "G1",
              CORE + "Tags.java",
              "case VALUE, ABSENT, LEASE -> areUsed()",
              "case VALUE, ABSENT -> areUsed()"),
          new Mutant(
              "joining a lease although \"any\" has changed",
              "G1",
              CORE + "Tags.java",
              "!look.entry().is(Entry.Kind.LEASE) || Objects.equals(has.any(), look.tags().any())",
              "true"),
          new Mutant(
              "joining a load that runs without the store, whenever it began",
              "G1, G5",
              CORE + "Loads.java",
              "running.beganAfter(arrivedNanos) ? running : waiting",
              "running"),

          // ---- Tags ----
          new Mutant(
              "ids of tags that are read after the load",
              "G1",
              CORE + "Filler.java",
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
              CORE + "Tags.java",
              "any.id().equals(before.any()) ? before.ofValue(ids(named)) : null",
              "before.ofValue(ids(named))"),
          new Mutant(
              "a tag that is invalidated without ending \"any\"",
              "G1",
              CORE + "Tags.java",
              "CompletableFuture<Boolean> any = byLoaders ?",
              "CompletableFuture<Boolean> any = false ?"),
          new Mutant(
              "a generation of which clear keeps a part",
              "G1, G5",
              CORE + "Tags.java",
              "bucket < GENERATIONS;",
              "bucket < GENERATIONS / 2;"),

          // ---- Taking away ----
          new Mutant(
              "an invalidation that hides its failure",
              "G1",
              CORE + "Invalidations.java",
              "fail(failed);",
              "succeed(0L);"),
          new Mutant(
              "a failed invalidation that is not queued",
              "G5",
              CORE + "Invalidations.java",
              "queue(); events.invalidationFailed",
              "events.invalidationFailed"),
          new Mutant(
              "queued keys that are not read around",
              "G5",
              CORE + "GetOperation.java",
              "return engine.unconfirmed.covers(key) || (",
              "return ("),
          new Mutant(
              "a queue that forgets what it could not repeat",
              "G5",
              CORE + "Unconfirmed.java",
              "synchronized (this) { Duration doubled",
              """
              synchronized (this) {
                keys.clear();
                wide.clear();
                empty = true;
                Duration doubled\
              """),
          new Mutant(
              "an update without a comparison",
              "G1",
              CORE + "Updates.java",
              "store.swap(key.text(), entry.stamp(), next, null)",
              "store.put(key.text(), next, entry.ttl()).thenApply(stored -> true)"),
          new Mutant(
              "an update that leaves a lease it meets",
              "G1",
              CORE + "Updates.java",
              "if (look.entry().is(Entry.Kind.NONE)) {",
              "if (look.entry().is(Entry.Kind.NONE) || look.entry().is(Entry.Kind.LEASE)) {"),
          new Mutant(
              "an update that leaves a cached absence",
              "G1",
              CORE + "Updates.java",
              "if (look.entry().is(Entry.Kind.NONE)) {",
              "if (look.entry().is(Entry.Kind.NONE) || look.entry().is(Entry.Kind.ABSENT)) {"),
          new Mutant(
              "a barrier behind which loads are stored",
              "G1, G10",
              CORE + "Filler.java",
              "grant.barrier() && !passesBarrier()",
              "false"),
          new Mutant(
              "touch on a lease",
              "G4",
              CORE + "TtlChanges.java",
              "if (look.entry().is(Entry.Kind.VALUE)) {",
              "if (look.entry().is(Entry.Kind.VALUE) || look.entry().is(Entry.Kind.LEASE)) {"),
          new Mutant(
              "a stale value that is served after an invalidation",
              "G6",
              CORE + "GetOperation.java",
              "hasStandIn |= engine.freshness.mayStandIn(look, options);",
              """
              hasStandIn |= engine.freshness.mayStandIn(look, options);
              V old = engine.looks.decodeOrNull(key, look.entry());
              if (isImpatient() && old != null) {
                engine.environment.schedule(engine.settings.loads().softTimeout(), () -> succeed(old));
              }
              """),
          new Mutant(
              "a scan that goes on over a promotion",
              "G1, G2",
              WORLD + "SimulatedStore.java",
              "if (page.primary() != primary) {",
              "if (false) {"),

          // ---- Near values ----
          new Mutant(
              "near values without a look at their epoch",
              "G1, G2",
              CORE + "NearEntry.java",
              "&& changes.epochAt(stripe) == epoch",
              ""),
          new Mutant(
              "near values without a look at the epochs of their tags",
              "G1, G2",
              CORE + "NearEntry.java",
              "&& (tags == null || areCurrent(tags, changes, nowNanos, maxLagNanos))",
              ""),
          new Mutant(
              "an epoch that is noted when a value is kept",
              "G1, G2",
              CORE + "Near.java",
              "new NearEntry<>(value, weight, sights, feed, deadlineNanos);",
              """
              new NearEntry<>(
                  value,
                  weight,
                  new Sights(changes.sightOf(key.text(), sights.key().sentNanos()), sights.tags()),
                  feed,
                  deadlineNanos);
              """),
          new Mutant(
              "a flush that is ignored",
              "G1, G2",
              CORE + "Changes.java",
              "flushes.incrementAndGet();",
              ""),
          new Mutant(
              "near values that stay while an invalidation is unconfirmed",
              "G5",
              CORE + "NearValues.java",
              "&& !unconfirmed.covers(key)",
              ""),
          new Mutant(
              "near values without a look at their feed",
              "G2",
              CORE + "NearEntry.java",
              "&& feed.isComplete(nowNanos, maxLagNanos)",
              ""),
          new Mutant(
              "strict reads that accept near values",
              "G1",
              CORE + "ReadOptions.java",
              "return !skipsNear && !forced && maxAge == null;",
              "return true;"),
          new Mutant(
              "an epoch that grows after a change of one's own was answered",
              "G1, G2",
              WORLD + "SimulatedStore.java",
              "tell(); answer.complete(result);",
              """
              answer.complete(result);
              scheduler.after(host, LATENCY, () -> { if (changes != null) { changed(changes); } });
              """),
          new Mutant(
              "a change of one's own that raises no epoch",
              "G1, G2",
              WORLD + "SimulatedStore.java",
              "tell(); answer.complete(result);",
              "answer.complete(result);"),
          new Mutant(
              "a read that does not ask again to be told",
              "G1, G2",
              WORLD + "SimulatedStore.java",
              "feed == null ? server.readTimed(key, Integer.MAX_VALUE) : server.readWatched(key)",
              "server.readTimed(key, Integer.MAX_VALUE)"),
          new Mutant(
              "near values before the server has agreed to tell of changes",
              "G1, G2",
              WORLD + "SimulatedStore.java",
              ".thenAccept(done -> on.feed = new Feed(sentNanos))",
              """
              .handle(
                  (done, failure) -> {
                    on.feed = new Feed(sentNanos);
                    return (Void) null;
                  })
              """),
          new Mutant(
              "near values that outlive their connection",
              "G1, G2",
              WORLD + "SimulatedStore.java",
              "endFeed(); connection = new Connection();",
              "Feed kept = connection.feed; connection = new Connection(); connection.feed ="
                  + " kept;"),

          // ---- Nodes ----
          new Mutant(
              "one circuit breaker for all nodes",
              "G3",
              CORE + "Guard.java",
              "String node = failure.node();",
              "String node = null;"),
          new Mutant(
              "the breaker of a sick node that refuses commands to all nodes",
              "G3",
              CORE + "StoreNodes.java",
              """
              String name = store.nodeOf(key);
              Failing node = name == null ? null : failing.get(name);
              """,
              "Failing node = failing.values().stream().findFirst().orElse(null);"),
          new Mutant(
              "near values that end with a connection to another node",
              "G5",
              CORE + "Changes.java",
              "next.feedEnded(feed, cause);",
              "allChanged(cause);"),

          // ---- How much is loaded ----
          new Mutant(
              "a load timeout that keeps the lease",
              "G4",
              CORE + "Load.java",
              "event.run(); release();",
              "event.run(); forget();"),
          new Mutant(
              "a reader who does not share the load of another process",
              "G3",
              CORE + "GetOperation.java",
              "} else { waitFor(look); }",
              "} else { loadWithoutStore(null); }"),
          new Mutant(
              "a reader who does not share the load of its own process",
              "G3",
              CORE + "GetOperation.java",
              "} else if (local != null) { join(local); }",
              "} else if (local != null) { loadWithoutStore(null); }"),
          new Mutant(
              "a lease that is not renewed",
              "G3",
              CORE + "Load.java",
              "context.renewals().renew(lease);",
              ""),
          new Mutant(
              "a place among the running loads that is held twice",
              "G9",
              CORE + "Permits.java",
              "queue.isEmpty() && running < limit()",
              "queue.isEmpty() && running <= limit()"),

          // ---- Failovers, lagging sources, other caches, puts ----
          new Mutant(
              "an invalidation that does not wait for copies",
              "G1, G2, G6",
              CORE + "Removals.java",
              ".thenCompose(all -> store.awaitCopies(keys.stream().map(EntryKey::text).toList()))",
              ""),
          new Mutant(
              "an invalidation without its hold-off",
              "G10, G6",
              CORE + "Barriers.java",
              "Duration wanted = longer(holdOff, leftOf(mine));",
              "Duration wanted = leftOf(mine);"),
          new Mutant(
              "a clear that empties other caches, too",
              "G8",
              CORE + "Removals.java",
              "String prefix = keyspace.prefix();",
              "String prefix = keyspace.prefix().replaceAll(\":$\", \"\");"),
          new Mutant(
              "a put that leaves a value that is there",
              "G1, G2",
              CORE + "Puts.java",
              "if (!granted) { lease = null; }",
              "if (!granted) { succeed(null); return; }"),
          new Mutant(
              "a put without a comparison, which arrives late",
              "G1, G2",
              CORE + "Puts.java",
              "store -> store.swap(key.text(), entry.stamp(), state, stateTtl)",
              "store -> store.put(key.text(), state, stateTtl).thenApply(stored -> true)"),
          new Mutant(
              "a put that stores where nothing is, without a lease, and arrives late",
              "G1, G2",
              CORE + "Puts.java",
              "store -> store.putIfAbsent(key.text(), mine.state(), mine.ttl())",
              "store -> store.putIfAbsent(key.text(), state, stateTtl)"),
          new Mutant(
              "a lookup of what is to be read around",
              "G5",
              CORE + "Lookups.java",
              "if (unconfirmed.covers(key)) { succeed(nothing()); } else {",
              "{"),

          // ---- Versions of a class ----
          new Mutant(
              "a value of another version of the class that is replaced",
              "G3",
              CORE + "GetOperation.java",
              "if (isOfUse && !options.isUncached()) {",
              "if (false) {"),
          new Mutant(
              "a value of another version of the class that is loaded around",
              "G3",
              CORE + "GetOperation.java",
              "loadInPlace(look, engine.loads.create(key, engine.grants.toShare(key, look)));",
              "loadWithoutStore(null);"),
          new Mutant(
              "a value that joins an older one and is stored whatever is there",
              "G1, G2",
              CORE + "Filler.java",
              "swap(shared, null);",
              """
              guard.send(
                  "fill",
                  null,
                  store -> store.put(key.text(), shared, lifetime.ttl()),
                  done -> true,
                  (done, failure) -> release());
              """),

          // ---- Errors ----
          new Mutant(
              "an operation that does not end when no executor takes its step",
              "G4",
              CORE + "Operation.java",
              "} catch (Throwable refused) { crash(refused); }",
              "} catch (Throwable refused) { }"),
          new Mutant(
              "an invalidation that an error ends, and that is not queued",
              "G5",
              CORE + "Operation.java",
              "if (!ended) { once.run(); }",
              "if (result.isCancelled()) { once.run(); }"));

  private Mutants() {}
}
