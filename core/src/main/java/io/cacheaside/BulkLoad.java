package io.cacheaside;

import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One call of a bulk loader, for loads that have begun. It takes one place among the loads of the
 * cache, and ends each of them; its own result is of no use.
 */
final class BulkLoad<K, V> extends Operation<@Nullable Void> {
  private final Engine<K, V> engine;
  private final BulkSource<K, V> source;
  private final ReadOptions options;
  private final List<Load<K, V>> loads;
  private final Executor loaders;
  private final boolean nested;
  private final Permits.Turn turn;
  private final LoaderThread loaderThread = new LoaderThread();
  private volatile @Nullable Retry<?> tries;

  /**
   * Creates a call.
   *
   * @param loads at least one
   * @param loaders where the loader runs
   * @param nested whether another loader of this cache waits for it
   */
  BulkLoad(
      Engine<K, V> engine,
      Caller caller,
      BulkSource<K, V> source,
      ReadOptions options,
      List<Load<K, V>> loads,
      Executor loaders,
      boolean nested) {
    super(engine.context, caller);
    this.engine = engine;
    this.source = source;
    this.options = options;
    this.loads = loads;
    this.loaders = loaders;
    this.nested = nested;
    this.turn = engine.permits.new Turn();
  }

  @Override
  void start() {
    AtomicInteger wanted = new AtomicInteger(loads.size());
    loads.forEach(load -> Stages.whenDone(load.outcome(), (outcome, e) -> loadEnded(wanted)));
    engine.permits.run(
        turn,
        caller,
        loaders,
        nested,
        this::load,
        () -> rejected(engine.failures.rejected(loads.get(0).key())),
        refused -> end(load -> load.notTaken(refused)));
  }

  @Override
  void crashed(Throwable thrown) {
    loads.forEach(load -> load.refused(thrown));
  }

  /** With the last of its keys the bulk load has ended, and its loader is not wanted any more. */
  private void loadEnded(AtomicInteger wanted) {
    if (wanted.decrementAndGet() == 0) {
      turn.end();
      loaderThread.interrupt();
      Retry<?> all = tries;
      if (all != null) {
        all.stop();
      }
    }
  }

  private void load() {
    Retry<Map<? extends K, ? extends V>> all =
        new Retry<>(
            engine.settings.loads().retry(),
            engine.environment,
            loaders,
            caller,
            this::attempt,
            (values, failure) -> end(load -> end(load, values, failure)));
    tries = all;
    all.run();
  }

  private void rejected(LoadRejectedException rejection) {
    end(load -> load.refused(rejection));
  }

  private CompletionStage<? extends Map<? extends K, ? extends V>> attempt() throws Exception {
    if (caller.isGone()) {
      throw engine.failures.interrupted();
    }
    if (loads.stream().allMatch(Load::isEnded)) {
      throw engine.failures.loadTimeout(loads.get(0).key());
    }
    Set<K> keys = new LinkedHashSet<>();
    Set<String> texts = new HashSet<>();
    LoaderThreads.Inside outer = engine.loaders.inside();
    try {
      for (Load<K, V> load : loads) {
        keys.add(load.key().key());
        texts.add(load.key().text());
        load.enterLoader(caller, loaders);
      }
      engine.loaders.enter(texts);
      if (loaders != caller) {
        loaderThread.enter();
      }
      return source.loadAll(Collections.unmodifiableSet(keys));
    } finally {
      loads.forEach(Load::leaveLoader);
      try {
        loaderThread.leave();
      } finally {
        engine.loaders.backTo(outer);
      }
    }
  }

  /** Ends the loads chunk by chunk, so that no store has to take all the fills at once. */
  private void end(Consumer<Load<K, V>> how) {
    Chunks.each(loads, Chunks.SIZE, caller, () -> true, chunk -> end(chunk, how), failure -> {});
  }

  private CompletableFuture<?> end(List<Load<K, V>> chunk, Consumer<Load<K, V>> how) {
    return engine
        .guard
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
          failure == null ? new NullPointerException("the loader returned null") : failure, caller);
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
    load.loaded(Loaded.plain(value), options);
  }
}
