package io.cacheaside.simulation.mutants;

import java.util.List;

/** Mistakes about near values, nodes, the number of loads, failovers, shapes and errors. */
final class FurtherMutants {
  private static final String CORE = "core/src/main/java/io/cacheaside/";
  private static final String INTERNAL = CORE + "internal/";
  private static final String WORLD =
      "checks/simulation/src/main/java/io/cacheaside/simulation/world/";

  static final List<Mutant> ALL =
      List.of(
          // ---- Near values ----
          new Mutant(
              "near values without a look at their epoch",
              "G1, G2",
              INTERNAL + "near/NearEntry.java",
              "&& epochs.epochAt(stripe) == epoch",
              ""),
          new Mutant(
              "near values without a look at the epochs of their tags",
              "G1, G2",
              INTERNAL + "near/NearEntry.java",
              "&& (tags == null || areCurrent(tags, epochs, nowNanos, maxLagNanos))",
              ""),
          new Mutant(
              "an epoch that is noted when a value is kept",
              "G1, G2",
              INTERNAL + "near/NearTier.java",
              "new NearEntry<>(value, weight, readEpochs, feed, deadlineNanos);",
              """
              new NearEntry<>(
                  value,
                  weight,
                  new ReadEpochs(epochs.epochOf(key.text(), readEpochs.key().sentNanos()), readEpochs.tags()),
                  feed,
                  deadlineNanos);
              """),
          new Mutant(
              "a flush that is ignored",
              "G1, G2",
              INTERNAL + "read/Epochs.java",
              "flushes.incrementAndGet();",
              ""),
          new Mutant(
              "near values that stay while an invalidation is unconfirmed",
              "G5",
              INTERNAL + "near/NearValues.java",
              "&& !replayQueue.covers(key)",
              ""),
          new Mutant(
              "near values without a look at their feed",
              "G2",
              INTERNAL + "near/NearEntry.java",
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
              INTERNAL + "flow/GuardedStore.java",
              "String node = failure.node();",
              "String node = null;"),
          new Mutant(
              "the breaker of a sick node that refuses commands to all nodes",
              "G3",
              INTERNAL + "flow/StoreNodes.java",
              """
              String name = store.nodeOf(key);
              Failing node = name == null ? null : failing.get(name);
              """,
              "Failing node = failing.values().stream().findFirst().orElse(null);"),
          new Mutant(
              "near values that end with a connection to another node",
              "G5",
              INTERNAL + "read/Epochs.java",
              "next.feedEnded(feed, cause);",
              "allChanged(cause);"),

          // ---- How much is loaded ----
          new Mutant(
              "a load timeout that keeps the lease",
              "G4",
              INTERNAL + "load/Load.java",
              "event.run(); release();",
              "event.run(); forget();"),
          new Mutant(
              "a reader who does not share the load of another process",
              "G3",
              INTERNAL + "operation/Misses.java",
              "} else { waitFor(snapshot); }",
              "} else { loadAround(null); }"),
          new Mutant(
              "a reader who does not share the load of its own process",
              "G3",
              INTERNAL + "operation/Misses.java",
              "} else if (local != null) { join(local); }",
              "} else if (local != null) { loadAround(null); }"),
          new Mutant(
              "a lease that is not renewed",
              "G3",
              INTERNAL + "load/Load.java",
              "context.renewals().renew(lease);",
              ""),
          new Mutant(
              "a place among the running loads that is held twice",
              "G9",
              INTERNAL + "load/Bulkhead.java",
              "queue.isEmpty() && running < limit()",
              "queue.isEmpty() && running <= limit()"),

          // ---- Failovers, lagging sources, other caches, puts ----
          new Mutant(
              "an invalidation that does not wait for copies",
              "G1, G2, G6",
              INTERNAL + "invalidate/Removals.java",
              ".thenCompose(all -> store.awaitCopies(keys.stream().map(EntryKey::text).toList()))",
              ""),
          new Mutant(
              "an invalidation without its hold-off",
              "G10, G6",
              INTERNAL + "invalidate/Barriers.java",
              "Duration wanted = longer(holdOff, leftOf(mine));",
              "Duration wanted = leftOf(mine);"),
          new Mutant(
              "a clear that empties other caches, too",
              "G8",
              INTERNAL + "invalidate/Removals.java",
              "String prefix = keyspace.prefix();",
              "String prefix = keyspace.prefix().replaceAll(\":$\", \"\");"),
          new Mutant(
              "a put that leaves a value that is there",
              "G1, G2",
              INTERNAL + "operation/Puts.java",
              "if (!granted) { lease = null; }",
              "if (!granted) { succeed(null); return; }"),
          new Mutant(
              "a put without a comparison, which arrives late",
              "G1, G2",
              INTERNAL + "operation/Puts.java",
              "store -> store.swap(key.text(), entry.stamp(), state, stateTtl)",
              "store -> store.put(key.text(), state, stateTtl).thenApply(stored -> true)"),
          new Mutant(
              "a put that stores where nothing is, without a lease, and arrives late",
              "G1, G2",
              INTERNAL + "operation/Puts.java",
              "store -> store.putIfAbsent(key.text(), mine.state(), mine.ttl())",
              "store -> store.putIfAbsent(key.text(), state, stateTtl)"),
          new Mutant(
              "a lookup of what is to be read around",
              "G5",
              INTERNAL + "operation/Lookups.java",
              "if (replayQueue.covers(key)) { succeed(nothing()); } else {",
              "{"),

          // ---- Versions of a class ----
          new Mutant(
              "a value of another version of the class that is replaced",
              "G3",
              INTERNAL + "operation/Gets.java",
              "if (isOfUse && !options.isUncached()) {",
              "if (false) {"),
          new Mutant(
              "a value of another version of the class that is loaded around",
              "G3",
              INTERNAL + "operation/Gets.java",
              "reloads.share(miss(), snapshot, isSeenAgain(snapshot));",
              "miss().loadAround(null);"),
          new Mutant(
              "a value that joins an older one and is stored whatever is there",
              "G1, G2",
              INTERNAL + "lease/Filler.java",
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
              INTERNAL + "flow/Operation.java",
              "} catch (Throwable refused) { crash(refused); }",
              "} catch (Throwable refused) { }"),
          new Mutant(
              "an invalidation that an error ends, and that is not queued",
              "G5",
              INTERNAL + "flow/Operation.java",
              "if (!ended) { once.run(); }",
              "if (result.isCancelled()) { once.run(); }"));

  private FurtherMutants() {}
}
