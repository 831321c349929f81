package io.cacheaside.internal.load;

import io.cacheaside.LoadContext;
import io.cacheaside.ReadOptions;
import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.events.Failures;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.lease.LoadResult;
import io.cacheaside.internal.read.Snapshot;
import io.cacheaside.internal.read.Tags;
import io.cacheaside.internal.read.ValueReader;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Runs the loader of one key for a load, which ends with its answer. */
public final class LoaderCalls<K, V> {
  private final LoaderRuns runs;
  private final ValueReader<K, V> valueReader;
  private final Tags<K> tags;
  private final Failures<K> failures;

  public LoaderCalls(
      LoaderRuns runs, ValueReader<K, V> valueReader, Tags<K> tags, Failures<K> failures) {
    this.runs = runs;
    this.valueReader = valueReader;
    this.tags = tags;
    this.failures = failures;
  }

  /**
   * Runs a loader as soon as it is its turn.
   *
   * @param loaders where it runs
   * @param nested whether another loader of this cache waits for it
   */
  public void run(
      Load<K, V> load,
      Source<K, V> source,
      Caller caller,
      Executor loaders,
      boolean nested,
      ReadOptions options) {
    EntryKey<K> key = load.key();
    LoaderRuns.Run<LoadResult<V>> run =
        runs.new Run<>(Set.of(key.text()), 1, caller, loaders, () -> failures.loadTimeout(key));
    load.runBy(run);
    try {
      run.begin(() -> call(source, load), nested, new Ends(load, caller, options.ttl()));
    } catch (Throwable thrown) {
      load.refused(thrown);
      throw thrown;
    }
  }

  private CompletionStage<LoadResult<V>> call(Source<K, V> source, Load<K, V> load)
      throws Exception {
    Call call = new Call(load);
    return Objects.requireNonNull(
            source.load(load.key().key(), call), "null instead of a stage was returned")
        .thenApply(call::answered);
  }

  /** How a run ends the one load that it is for. */
  private final class Ends implements LoaderRuns.Ends<LoadResult<V>> {
    private final Load<K, V> load;
    private final Caller caller;
    private final @Nullable Duration ttl;

    Ends(Load<K, V> load, Caller caller, @Nullable Duration ttl) {
      this.load = load;
      this.caller = caller;
      this.ttl = ttl;
    }

    @Override
    public void answered(@Nullable LoadResult<V> answer, @Nullable Throwable failure) {
      if (failure != null) {
        load.failed(failure, caller);
      } else if (answer != null) {
        load.loaded(answer.orTtl(ttl));
      }
    }

    @Override
    public void rejected() {
      load.refused(failures.rejected(load.key()));
    }

    @Override
    public void notTaken(Throwable refusal) {
      load.notTaken(refusal);
    }
  }

  /** One call of a loader: what it asks and decides, until its answer is there. */
  private final class Call implements LoadContext<V> {
    private final Load<K, V> load;
    private final Set<String> named = new LinkedHashSet<>();
    private final @Nullable Snapshot old;
    private @Nullable V oldValue;
    private boolean oldValueDecoded;
    private @Nullable Duration ttl;
    private boolean storable = true;
    private boolean notModified;
    private @Nullable String failure;

    Call(Load<K, V> load) {
      this.load = load;
      this.old = load.replaced();
    }

    @Override
    public Optional<V> oldValue() {
      if (!oldValueDecoded && old != null && old.entry().is(Entry.Kind.VALUE)) {
        oldValue = valueReader.decodeOrNull(load.key(), old.entry());
      }
      oldValueDecoded = true;
      return Optional.ofNullable(oldValue);
    }

    @Override
    public Optional<Duration> oldValueAge() {
      return old == null ? Optional.empty() : oldValue().map(value -> old.age());
    }

    @Override
    public Duration remainingTime() {
      return load.remainingTime();
    }

    @Override
    public boolean isCancelled() {
      return load.isEnded();
    }

    @Override
    public void onCancel(Runnable action) {
      load.onCancel(Objects.requireNonNull(action, "action"));
    }

    @Override
    public void ttl(Duration wanted) {
      ttl = Objects.requireNonNull(wanted, "ttl");
    }

    @Override
    public void tags(String... more) {
      Set<String> all = new LinkedHashSet<>(named);
      all.addAll(List.of(more));
      tags.checkNamed(all);
      named.addAll(all);
    }

    @Override
    public void doNotCache() {
      storable = false;
    }

    @Override
    public V notModified() {
      V old =
          oldValue()
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "there is no old value; return what the source has instead"));
      notModified = true;
      return old;
    }

    @Override
    public @Nullable V fail(String reason) {
      failure = Objects.requireNonNull(reason, "reason");
      return null;
    }

    /** Returns what the loader answered together with what it decided. */
    LoadResult<V> answered(@Nullable V value) {
      if (failure != null) {
        throw failures.load(load.key(), failure);
      }
      boolean same = notModified && value != null && value == oldValue;
      return new LoadResult<>(value, ttl, Set.copyOf(named), storable, same);
    }
  }
}
