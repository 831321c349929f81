package io.cacheaside.internal.load;

import io.cacheaside.ReadOptions;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Chunks;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.flow.SerialCaller;
import io.cacheaside.internal.read.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Refreshes stale entries in the background, for readers that have already got the old values. A
 * {@link BackgroundClaims claim} makes each refresh the only one of all processes.
 */
public final class Refreshes<K, V> {
  private final Operation.Context context;
  private final Executor executor;
  private final LoaderExecutors executors;
  private final BackgroundClaims<K, V> claims;
  private final LoaderCalls<K, V> calls;
  private final BulkLoads<K, V> bulkLoads;
  private final Events<K> events;

  public Refreshes(
      Operation.Context context,
      Executor executor,
      LoaderExecutors executors,
      BackgroundClaims<K, V> claims,
      LoaderCalls<K, V> calls,
      BulkLoads<K, V> bulkLoads,
      Events<K> events) {
    this.context = context;
    this.executor = executor;
    this.executors = executors;
    this.claims = claims;
    this.calls = calls;
    this.bulkLoads = bulkLoads;
    this.events = events;
  }

  /** An entry to be refreshed, as it was seen. */
  public record Stale<K>(EntryKey<K> key, Snapshot snapshot) {}

  /** Refreshes one entry. */
  public void begin(Stale<K> stale, Source<K, V> source, ReadOptions options, Caller reader) {
    new One(stale, source, options, executors.background(reader)).run();
  }

  /** Refreshes the entries that one {@code getAll} has met, with one call of its loader. */
  public void begin(
      List<Stale<K>> stale, BulkSource<K, V> source, ReadOptions options, Caller reader) {
    new Many(stale, source, options, executors.background(reader)).run();
  }

  private final class One extends Operation<@Nullable Void> {
    private final Stale<K> stale;
    private final Source<K, V> source;
    private final ReadOptions options;
    private final Executor loaders;

    One(Stale<K> stale, Source<K, V> source, ReadOptions options, Executor loaders) {
      super(context, Caller.on(executor));
      this.stale = stale;
      this.source = source;
      this.options = options;
      this.loaders = loaders;
    }

    @Override
    protected void start() {
      then(
          claims.of(caller, stale.key(), stale.snapshot()).begin(),
          (load, e) -> {
            if (load != null) {
              calls.run(load, source, caller, loaders, false, options);
            }
          });
    }

    /** Reports what was thrown, which no caller gets to see. */
    @Override
    protected void crashed(Throwable thrown) {
      events.loadFailed(stale.key(), elapsed(), thrown);
    }
  }

  private final class Many extends Operation<@Nullable Void> {
    private final List<Stale<K>> stale;
    private final BulkSource<K, V> source;
    private final ReadOptions options;
    private final Executor loaders;
    private final List<CompletableFuture<@Nullable Load<K, V>>> claimed = new ArrayList<>();

    Many(List<Stale<K>> stale, BulkSource<K, V> source, ReadOptions options, Executor loaders) {
      super(context, new SerialCaller(executor));
      this.stale = stale;
      this.source = source;
      this.options = options;
      this.loaders = loaders;
    }

    @Override
    protected void start() {
      Chunks.each(stale, Chunks.SIZE, caller, () -> true, this::claim, failure -> load());
    }

    private CompletableFuture<?> claim(List<Stale<K>> chunk) {
      int before = claimed.size();
      together(() -> chunk.forEach(this::claim));
      return CompletableFuture.allOf(
          claimed.subList(before, claimed.size()).toArray(CompletableFuture[]::new));
    }

    private void claim(Stale<K> one) {
      claimed.add(claims.of(caller, one.key(), one.snapshot()).begin());
    }

    @Override
    protected void crashed(Throwable thrown) {
      List<Load<K, V>> granted = granted();
      granted.forEach(load -> load.refused(thrown));
      report(granted, thrown);
    }

    /** Reports what was thrown, which no caller gets to see. */
    private void report(List<Load<K, V>> granted, Throwable thrown) {
      granted.forEach(load -> events.loadFailed(load.key(), elapsed(), thrown));
    }

    private List<Load<K, V>> granted() {
      List<Load<K, V>> granted = new ArrayList<>();
      for (CompletableFuture<@Nullable Load<K, V>> claim : claimed) {
        Load<K, V> load = claim.isDone() && !claim.isCompletedExceptionally() ? claim.join() : null;
        if (load != null) {
          granted.add(load);
        }
      }
      return granted;
    }

    private void load() {
      List<Load<K, V>> granted = granted();
      if (!granted.isEmpty()) {
        bulkLoads.run(
            granted, source, caller, loaders, false, options, thrown -> report(granted, thrown));
      }
    }
  }
}
