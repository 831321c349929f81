package io.cacheaside;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The refresh in the background of the stale entries that one {@code getAll} has met: those that
 * nobody else refreshes, with one call of its loader.
 */
final class BulkRefresh<K, V> extends Operation<K, V, @Nullable Void> {
  private final BulkSource<K, V> source;
  private final ReadOptions options;
  private final List<Stale<K>> stale;
  private final List<CompletableFuture<@Nullable Load<K, V>>> claims = new ArrayList<>();
  private final Executor loaders;

  /** An entry to be refreshed, as it was seen. */
  record Stale<K>(EntryKey<K> key, Look look) {}

  BulkRefresh(
      Engine<K, V> engine, BulkSource<K, V> source, ReadOptions options, List<Stale<K>> stale) {
    super(engine, Caller.on(engine.executor));
    this.source = source;
    this.options = options;
    this.stale = stale;
    this.loaders = engine.background();
  }

  @Override
  void start() {
    claimFrom(0);
  }

  /** Claims the entries chunk by chunk. */
  private void claimFrom(int from) {
    int to = Math.min(from + BulkGet.CHUNK, stale.size());
    engine.guard.batch(() -> stale.subList(from, to).forEach(this::claim));
    then(
        CompletableFuture.allOf(claims.toArray(CompletableFuture[]::new)),
        (all, failure) -> {
          if (to < stale.size()) {
            claimFrom(to);
          } else {
            load();
          }
        });
  }

  private void claim(Stale<K> one) {
    claims.add(new BackgroundClaim<>(engine, caller, one.key(), one.look()).begin());
  }

  private void load() {
    List<Load<K, V>> granted = new ArrayList<>();
    for (CompletableFuture<@Nullable Load<K, V>> claim : claims) {
      if (!claim.isCompletedExceptionally() && claim.join() != null) {
        granted.add(Objects.requireNonNull(claim.join()));
      }
    }
    if (!granted.isEmpty()) {
      new BulkLoad<>(engine, caller, source, options, granted, loaders, false).run();
    }
  }
}
