package io.cacheaside.internal.operation;

import io.cacheaside.BulkLoadException;
import io.cacheaside.ReadOptions;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.events.Failures;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Chunks;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.flow.Stages;
import io.cacheaside.internal.load.BulkLoads;
import io.cacheaside.internal.load.BulkSource;
import io.cacheaside.internal.load.Load;
import io.cacheaside.internal.load.LoaderCalls;
import io.cacheaside.internal.load.LoaderExecutors;
import io.cacheaside.internal.load.RecursionGuard;
import io.cacheaside.internal.load.Refreshes;
import io.cacheaside.internal.load.Sources;
import io.cacheaside.internal.read.EntryReader;
import io.cacheaside.internal.read.Tags;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Reads many keys. */
public final class BulkGets<K, V> {
  /** How many keys are held, and given to the loader, at a time. */
  private static final int PART = 10_000;

  /** How many keys are loaded side by side: for each there is a loader. */
  private final int sideBySide;

  private final Operation.Context context;
  private final Gets<K, V> gets;
  private final EntryReader<K, V> entryReader;
  private final BulkLoads<K, V> bulkLoads;
  private final LoaderCalls<K, V> loaderCalls;
  private final Refreshes<K, V> refreshes;
  private final LoaderExecutors executors;
  private final RecursionGuard loading;
  private final Failures<K> failures;

  public BulkGets(
      Operation.Context context,
      Gets<K, V> gets,
      EntryReader<K, V> entryReader,
      BulkLoads<K, V> bulkLoads,
      LoaderCalls<K, V> loaderCalls,
      Refreshes<K, V> refreshes,
      LoaderExecutors executors,
      RecursionGuard loading,
      Failures<K> failures,
      int maxConcurrentLoads) {
    this.context = context;
    this.gets = gets;
    this.entryReader = entryReader;
    this.bulkLoads = bulkLoads;
    this.loaderCalls = loaderCalls;
    this.refreshes = refreshes;
    this.executors = executors;
    this.loading = loading;
    this.failures = failures;
    this.sideBySide = Math.min(PART, maxConcurrentLoads);
  }

  /** Returns a {@code getAll} of any number of keys. */
  Operation<Map<K, V>> of(
      Caller caller, List<EntryKey<K>> keys, Sources<K, V> sources, ReadOptions options) {
    int part = sources.all() == null ? sideBySide : PART;
    return keys.size() <= part
        ? new Some(caller, keys, sources, options)
        : new Many(caller, keys, sources, options, part);
  }

  private interface Answer<M, T extends @Nullable Object> {
    void accept(M member, @Nullable T answer, @Nullable StoreException failure);
  }

  /**
   * One {@code getAll}: a {@code get} per key. What these ask the store for at the same time is
   * sent together, and as soon as each of them knows whether it has to load, those that do are
   * loaded together, and those with old values are refreshed together. A key that somebody else
   * loads goes its own way from there.
   *
   * <p>Its caller runs one step at a time, so nothing here is shared between threads.
   */
  private final class Some extends Operation<Map<K, V>> {
    private final Sources<K, V> sources;
    private final ReadOptions options;
    private final List<Gets<K, V>.Get> members = new ArrayList<>();
    private final List<Load<K, V>> toLoad = new ArrayList<>();
    private final List<Refreshes.Stale<K>> toRefresh = new ArrayList<>();
    private final boolean nested;
    private boolean together = true;
    private int undecided;
    private int unanswered;

    Some(Caller caller, List<EntryKey<K>> keys, Sources<K, V> sources, ReadOptions options) {
      super(context, caller);
      this.sources = sources;
      this.options = options;
      this.nested = loading.isLoading();
      for (EntryKey<K> key : keys) {
        members.add(gets.of(caller, key, sources.one(), options, new Others()));
      }
      this.undecided = members.size();
      this.unanswered = members.size();
    }

    /** The other keys, for one of them: its load or refresh is put off until all are decided. */
    private final class Others implements OtherReads<K, V> {
      private boolean decided;

      @Override
      public boolean take(Load<K, V> load) {
        return together && toLoad.add(load);
      }

      @Override
      public boolean take(Refreshes.Stale<K> stale) {
        return together && sources.all() != null && toRefresh.add(stale);
      }

      @Override
      public void waits() {
        if (!decided) {
          decided = true;
          if (--undecided == 0) {
            goOnSoon();
          }
        }
      }
    }

    @Override
    protected void start() {
      if (members.isEmpty()) {
        finish();
        return;
      }
      whenLeft(() -> members.forEach(member -> member.result.cancel(false)));
      members.forEach(
          member ->
              then(
                  member.result,
                  (value, failure) -> {
                    member.waits();
                    answered();
                  }));
      Chunks.each(members, Chunks.SIZE, caller, this::wantsMore, this::read, failure -> {});
    }

    /** Returns whether the caller still waits: the keys that were not looked at are left then. */
    private boolean wantsMore() {
      return mayGoOn() && !caller.isLeaving();
    }

    @Override
    public void recheck() {
      members.forEach(Operation::recheck);
    }

    /** Reads some keys; what follows from each answer is sent together again. */
    private CompletableFuture<?> read(List<Gets<K, V>.Get> chunk) {
      EntryReader.Manner manner = chunk.get(0).manner();
      if (chunk.get(0).asksForMore()) {
        Tags<K>.Reading reading = entryReader.reading(context.guard().store(), manner);
        return readTogether(
            chunk,
            (store, member) -> entryReader.ask(store, member.key, manner, reading),
            Gets.Get::onRaw);
      }
      return readTogether(
          chunk, (store, member) -> store.read(member.key.text()), Gets.Get::onState);
    }

    private <T extends @Nullable Object> CompletableFuture<?> readTogether(
        List<Gets<K, V>.Get> chunk,
        BiFunction<Store, Gets<K, V>.Get, CompletionStage<T>> question,
        Answer<Gets<K, V>.Get, T> each) {
      List<Gets<K, V>.Get> asking = new ArrayList<>(chunk.size());
      List<CompletableFuture<T>> answers = new ArrayList<>(chunk.size());
      together(
          () ->
              chunk.forEach(
                  member -> {
                    if (member.mustReadAround()) {
                      member.run();
                    } else if (!member.isNear()) {
                      asking.add(member);
                      answers.add(
                          context
                              .guard()
                              .issue(caller.batch(), store -> question.apply(store, member))
                              .toCompletableFuture());
                    }
                  }));
      CompletableFuture<@Nullable Void> delivered = new CompletableFuture<>();
      then(
          Stages.allOf(answers),
          (all, failed) -> {
            together(
                () -> {
                  for (int i = 0; i < answers.size(); i++) {
                    deliver(asking.get(i), answers.get(i), each);
                  }
                });
            delivered.complete(null);
          });
      return delivered;
    }

    private <T extends @Nullable Object> void deliver(
        Gets<K, V>.Get member, CompletableFuture<T> answer, Answer<Gets<K, V>.Get, T> each) {
      Stages.whenDone(
          answer,
          (value, failure) ->
              member.guarded(
                  () -> {
                    StoreException known = context.guard().outcome("read", failure);
                    if (member.checkNotRecursive()) {
                      each.accept(member, value, known);
                    }
                  }));
    }

    /**
     * Not at once if there is a loader to run, which may block, in the midst of a step of a key.
     */
    private void goOnSoon() {
      if (toLoad.isEmpty()) {
        guarded(this::goOnTogether);
      } else {
        caller.execute(() -> guarded(this::goOnTogether));
      }
    }

    private void goOnTogether() {
      together = false;
      BulkSource<K, V> source = sources.all();
      if (source == null) {
        loadSideBySide();
        return;
      }
      if (!toRefresh.isEmpty()) {
        refreshes.begin(toRefresh, source, options, caller);
      }
      if (!toLoad.isEmpty()) {
        Executor loaders = isImpatient() ? executors.background(caller) : executors.of(caller);
        bulkLoads.run(toLoad, source, caller, loaders, nested, options, thrown -> {});
      }
    }

    private boolean isImpatient() {
      return members.stream().anyMatch(Reader::isImpatient);
    }

    private void loadSideBySide() {
      Executor loaders =
          isImpatient()
              ? executors.background(caller)
              : toLoad.size() > 1 ? executors.sideBySide(caller, nested) : executors.of(caller);
      toLoad.forEach(
          load -> loaderCalls.run(load, sources.one(), caller, loaders, nested, options));
    }

    private void answered() {
      if (--unanswered == 0) {
        finish();
      }
    }

    private void finish() {
      Map<K, V> values = new LinkedHashMap<>();
      Map<K, Throwable> failed = new LinkedHashMap<>();
      for (Gets<K, V>.Get member : members) {
        Stages.whenDone(
            member.result,
            (value, failure) -> {
              if (failure != null) {
                failed.put(member.key.key(), Stages.unwrap(failure));
              } else if (value != null) {
                values.put(member.key.key(), value);
              }
            });
      }
      if (failed.isEmpty()) {
        succeed(Collections.unmodifiableMap(values));
      } else {
        fail(failures.bulkLoad(values, failed));
      }
    }
  }

  /**
   * One {@code getAll} of more keys than are read at a time: one part after the other. So the
   * leases, timers and commands in flight have a bound, whatever the number of keys.
   *
   * <p>A part that fails does not end the others, unless the call has already taken as long as a
   * load may: then the remaining keys share its failure.
   */
  private final class Many extends Operation<Map<K, V>> {
    private final List<EntryKey<K>> keys;
    private final Sources<K, V> sources;
    private final ReadOptions options;
    private final int part;
    private final Map<K, V> values = new LinkedHashMap<>();
    private final Map<K, Throwable> failed = new LinkedHashMap<>();
    private volatile @Nullable Some current;

    Many(
        Caller caller,
        List<EntryKey<K>> keys,
        Sources<K, V> sources,
        ReadOptions options,
        int part) {
      super(context, caller);
      this.keys = keys;
      this.sources = sources;
      this.options = options;
      this.part = part;
    }

    @Override
    protected void start() {
      whenLeft(this::cancelCurrent);
      Chunks.each(
          keys,
          part,
          caller,
          () -> mayGoOn() && !caller.isLeaving(),
          this::readPart,
          failure -> finish());
    }

    private void cancelCurrent() {
      Some part = current;
      if (part != null) {
        part.result.cancel(false);
      }
    }

    private CompletableFuture<?> readPart(List<EntryKey<K>> some) {
      if (!failed.isEmpty() && isOverdue()) {
        Throwable failure = failed.values().iterator().next();
        some.forEach(key -> failed.put(key.key(), failure));
        return CompletableFuture.completedFuture(null);
      }
      Some part = new Some(caller, some, sources, options);
      current = part;
      CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
      then(
          part.begin(),
          (found, failure) -> {
            add(found, failure);
            ended.complete(null);
          });
      return ended;
    }

    private void add(@Nullable Map<K, V> found, @Nullable Throwable failure) {
      if (found != null) {
        values.putAll(found);
      } else if (failure instanceof BulkLoadException some) {
        add(some);
      } else if (failure != null) {
        fail(failure);
      }
    }

    @SuppressWarnings(
        "unchecked") // the maps of an exception have the types of the call it came from
    private void add(BulkLoadException some) {
      values.putAll((Map<K, V>) some.values());
      failed.putAll((Map<K, Throwable>) some.failures());
    }

    private void finish() {
      if (failed.isEmpty()) {
        succeed(Collections.unmodifiableMap(values));
      } else {
        fail(failures.bulkLoad(values, failed));
      }
    }
  }
}
