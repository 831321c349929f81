package io.cacheaside.internal.load;

import io.cacheaside.LoadRejectedException;
import io.cacheaside.ReadOptions;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.events.Failures;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Chunks;
import io.cacheaside.internal.flow.GuardedStore;
import io.cacheaside.internal.lease.LoadResult;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs the loader of many keys for loads that have begun, and ends each of them. */
public final class BulkLoads<K, V> {
  private final LoaderRuns runs;
  private final GuardedStore guard;
  private final Failures<K> failures;

  public BulkLoads(LoaderRuns runs, GuardedStore guard, Failures<K> failures) {
    this.runs = runs;
    this.guard = guard;
    this.failures = failures;
  }

  /**
   * Runs a loader as soon as it is its turn. It takes one place among the loads of the cache.
   *
   * @param loads at least one
   * @param loaders where it runs
   * @param nested whether another loader of this cache waits for it
   * @param crashed is told what a step threw; the loads have ended with it
   */
  public void run(
      List<Load<K, V>> loads,
      BulkSource<K, V> source,
      Caller caller,
      Executor loaders,
      boolean nested,
      ReadOptions options,
      Consumer<Throwable> crashed) {
    Call call = new Call(loads, source, caller, options, crashed);
    call.guarded(() -> call.begin(loaders, nested));
  }

  /** One call of a loader, until the fills of its last values are sent. */
  private final class Call implements LoaderRuns.Ends<Map<? extends K, ? extends V>> {
    private final List<Load<K, V>> loads;
    private final BulkSource<K, V> source;
    private final Caller caller;
    private final ReadOptions options;
    private final Consumer<Throwable> crashed;

    Call(
        List<Load<K, V>> loads,
        BulkSource<K, V> source,
        Caller caller,
        ReadOptions options,
        Consumer<Throwable> crashed) {
      this.loads = loads;
      this.source = source;
      this.caller = caller;
      this.options = options;
      this.crashed = crashed;
    }

    void guarded(Runnable step) {
      try {
        step.run();
      } catch (Throwable thrown) {
        loads.forEach(load -> load.refused(thrown));
        crashed.accept(thrown);
      }
    }

    void begin(Executor loaders, boolean nested) {
      Set<String> texts = loads.stream().map(load -> load.key().text()).collect(Collectors.toSet());
      EntryKey<K> first = loads.get(0).key();
      LoaderRuns.Run<Map<? extends K, ? extends V>> run =
          runs.new Run<>(texts, loads.size(), caller, loaders, () -> failures.loadTimeout(first));
      loads.forEach(load -> load.runBy(run));
      run.begin(this::load, nested, this);
    }

    private CompletionStage<? extends Map<? extends K, ? extends V>> load() throws Exception {
      Set<K> keys = new LinkedHashSet<>();
      loads.forEach(load -> keys.add(load.key().key()));
      return source.loadAll(Collections.unmodifiableSet(keys));
    }

    @Override
    public void answered(
        @Nullable Map<? extends K, ? extends V> values, @Nullable Throwable failure) {
      end(load -> end(load, values, failure));
    }

    @Override
    public void rejected() {
      LoadRejectedException rejection = failures.rejected(loads.get(0).key());
      end(load -> load.refused(rejection));
    }

    @Override
    public void notTaken(Throwable refusal) {
      end(load -> load.notTaken(refusal));
    }

    /** Ends the loads chunk by chunk, so that no store has to take all the fills at once. */
    private void end(Consumer<Load<K, V>> how) {
      Chunks.each(loads, Chunks.SIZE, caller, () -> true, chunk -> end(chunk, how), failure -> {});
    }

    private CompletableFuture<?> end(List<Load<K, V>> chunk, Consumer<Load<K, V>> how) {
      return guard
          .batch(
              batch ->
                  chunk.forEach(
                      load -> {
                        load.collectIn(batch);
                        guarded(() -> how.accept(load));
                      }))
          .answers();
    }

    private void end(
        Load<K, V> load,
        @Nullable Map<? extends K, ? extends V> values,
        @Nullable Throwable failure) {
      if (values != null) {
        end(load, values);
      } else {
        load.failed(
            failure == null ? new NullPointerException("the loader returned null") : failure,
            caller);
      }
    }

    private void end(Load<K, V> load, Map<? extends K, ? extends V> values) {
      V value;
      try {
        value = values.get(load.key().key());
      } catch (RuntimeException e) {
        load.failed(e);
        return;
      }
      load.loaded(LoadResult.<V>plain(value).orTtl(options.ttl()));
    }
  }
}
