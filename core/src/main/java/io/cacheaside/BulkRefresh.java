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
final class BulkRefresh<K, V> extends Operation<@Nullable Void> {
  private final Engine<K, V> engine;
  private final BulkSource<K, V> source;
  private final ReadOptions options;
  private final List<Stale<K>> stale;
  private final List<CompletableFuture<@Nullable Load<K, V>>> claims = new ArrayList<>();
  private final Executor loaders;

  /** An entry to be refreshed, as it was seen. */
  record Stale<K>(EntryKey<K> key, Look look) {}

  BulkRefresh(
      Engine<K, V> engine,
      BulkSource<K, V> source,
      ReadOptions options,
      List<Stale<K>> stale,
      Caller reader) {
    super(engine.context, new SerialCaller(engine.executor));
    this.engine = engine;
    this.source = source;
    this.options = options;
    this.stale = stale;
    this.loaders = engine.loaderExecutors.background(reader);
  }

  @Override
  void start() {
    Chunks.each(stale, Chunks.SIZE, caller, () -> true, this::claim, failure -> load());
  }

  private CompletableFuture<?> claim(List<Stale<K>> chunk) {
    int before = claims.size();
    together(() -> chunk.forEach(this::claim));
    return CompletableFuture.allOf(
        claims.subList(before, claims.size()).toArray(CompletableFuture[]::new));
  }

  private void claim(Stale<K> one) {
    claims.add(new BackgroundClaim<>(engine, caller, one.key(), one.look()).begin());
  }

  @Override
  void crashed(Throwable thrown) {
    List<Load<K, V>> granted = granted();
    granted.forEach(load -> load.refused(thrown));
    report(granted, thrown);
  }

  /** Reports what was thrown, which no caller gets to see. */
  private void report(List<Load<K, V>> granted, Throwable thrown) {
    granted.forEach(load -> engine.events.loadFailed(load.key(), elapsed(), thrown));
  }

  private List<Load<K, V>> granted() {
    List<Load<K, V>> granted = new ArrayList<>();
    for (CompletableFuture<@Nullable Load<K, V>> claim : claims) {
      boolean answered = claim.isDone() && !claim.isCompletedExceptionally();
      if (answered && claim.join() != null) {
        granted.add(Objects.requireNonNull(claim.join()));
      }
    }
    return granted;
  }

  private void load() {
    List<Load<K, V>> granted = granted();
    if (!granted.isEmpty()) {
      CompletableFuture<?> loading =
          new BulkLoad<>(engine, caller, source, options, granted, loaders, false).begin();
      Stages.whenDone(
          loading,
          (done, thrown) -> {
            if (thrown != null) {
              report(granted, thrown);
            }
          });
    }
  }
}
