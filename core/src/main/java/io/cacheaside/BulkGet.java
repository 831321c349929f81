package io.cacheaside;

import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * One {@code getAll}: a {@link GetOperation} per key. What these ask the store for at the same time
 * is sent together, and as soon as each of them knows whether it has to load, those that do are
 * loaded together, and those with old values are refreshed together. A key that somebody else loads
 * goes its own way from there.
 *
 * <p>Its caller runs one step at a time, so nothing here is shared between threads.
 */
final class BulkGet<K, V> extends Operation<Map<K, V>> {
  private final Engine<K, V> engine;

  /** How many keys are held, and given to the loader, at a time. */
  static final int PART = 10_000;

  private final BulkSource<K, V> source;
  private final ReadOptions options;
  private final List<Member> members = new ArrayList<>();
  private final List<Load<K, V>> toLoad = new ArrayList<>();
  private final List<Refreshes.Stale<K>> toRefresh = new ArrayList<>();
  private final boolean nested;
  private boolean together = true;
  private int undecided;
  private int unanswered;

  BulkGet(
      Engine<K, V> engine,
      Caller caller,
      Collection<EntryKey<K>> keys,
      BulkSource<K, V> source,
      ReadOptions options) {
    super(engine.context, caller);
    this.engine = engine;
    this.source = source;
    this.options = options;
    this.nested = engine.loaders.isLoading();
    keys.forEach(key -> members.add(new Member(key)));
    this.undecided = members.size();
    this.unanswered = members.size();
  }

  /** Returns an operation that reads any number of keys. */
  static <K, V> Operation<Map<K, V>> of(
      Engine<K, V> engine,
      Caller caller,
      List<EntryKey<K>> keys,
      BulkSource<K, V> source,
      ReadOptions options) {
    return keys.size() <= PART
        ? new BulkGet<>(engine, caller, keys, source, options)
        : new BulkGetInParts<>(engine, caller, keys, source, options);
  }

  /**
   * One key of the call. Its load or refresh is put off until it is known which other keys are
   * loaded too.
   */
  private final class Member extends GetOperation<K, V> {
    private boolean decided;

    Member(EntryKey<K> key) {
      super(
          BulkGet.this.engine,
          BulkGet.this.caller,
          key,
          (missing, context) -> loadOne(missing),
          BulkGet.this.options);
    }

    @Override
    void owned(Load<K, V> load) {
      if (together) {
        toLoad.add(load);
        await(load);
      } else {
        super.owned(load);
      }
    }

    @Override
    void refresh(Look look) {
      if (together) {
        toRefresh.add(new Refreshes.Stale<>(key, look));
      } else {
        super.refresh(look);
      }
    }

    @Override
    void settled() {
      if (!decided) {
        decided = true;
        if (--undecided == 0) {
          goOnSoon();
        }
      }
    }
  }

  @Override
  void start() {
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
                  member.settled();
                  answered();
                }));
    Chunks.each(members, Chunks.SIZE, caller, this::wantsMore, this::look, failure -> {});
  }

  /** Returns whether the caller still waits: the keys that were not looked at are left then. */
  private boolean wantsMore() {
    return mayGoOn() && !caller.isLeaving();
  }

  @Override
  void recheck() {
    members.forEach(GetOperation::recheck);
  }

  /** Looks at some keys; what follows from each answer is sent together again. */
  private CompletableFuture<?> look(List<Member> chunk) {
    Looks.Manner manner = chunk.get(0).manner();
    if (chunk.get(0).asksForMore()) {
      Tags<K>.Reading reading = engine.looks.reading(engine.guard.store(), manner);
      return lookTogether(
          chunk,
          (store, member) -> engine.looks.ask(store, member.key, manner, reading),
          GetOperation::onRaw);
    }
    return lookTogether(
        chunk, (store, member) -> store.read(member.key.text()), GetOperation::onState);
  }

  private interface Answer<M, T extends @Nullable Object> {
    void accept(M member, @Nullable T answer, @Nullable StoreException failure);
  }

  private <T extends @Nullable Object> CompletableFuture<?> lookTogether(
      List<Member> chunk,
      BiFunction<Store, Member, CompletionStage<T>> question,
      Answer<GetOperation<K, V>, T> each) {
    List<Member> asking = new ArrayList<>(chunk.size());
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
                        engine
                            .guard
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
      Member member, CompletableFuture<T> answer, Answer<GetOperation<K, V>, T> each) {
    Stages.whenDone(
        answer,
        (value, failure) ->
            member.guarded(
                () -> {
                  StoreException known = engine.guard.outcome("read", failure);
                  if (member.checkNotRecursive()) {
                    each.accept(member, value, known);
                  }
                }));
  }

  /** Not at once if there is a loader to run, which may block, in the midst of a step of a key. */
  private void goOnSoon() {
    if (toLoad.isEmpty()) {
      guarded(this::goOnTogether);
    } else {
      caller.execute(() -> guarded(this::goOnTogether));
    }
  }

  private void goOnTogether() {
    together = false;
    if (!toRefresh.isEmpty()) {
      engine.refreshes.begin(toRefresh, source, options, caller);
    }
    if (!toLoad.isEmpty()) {
      boolean impatient = members.stream().anyMatch(GetOperation::isImpatient);
      Executor loaders =
          impatient ? engine.loaderExecutors.background(caller) : engine.loaderExecutors.of(caller);
      engine.bulkLoads.run(
          toLoad, source, caller, loaders, nested, options, thrown -> {});
    }
  }

  /** Loads a key whose first chance was taken by a load that came to nothing. */
  private CompletionStage<@Nullable V> loadOne(K key) throws Exception {
    return source.loadAll(Set.of(key)).thenApply(values -> values.get(key));
  }

  private void answered() {
    if (--unanswered == 0) {
      finish();
    }
  }

  private void finish() {
    Map<K, V> values = new LinkedHashMap<>();
    Map<K, Throwable> failures = new LinkedHashMap<>();
    for (Member member : members) {
      Stages.whenDone(
          member.result,
          (value, failure) -> {
            if (failure != null) {
              failures.put(member.key.key(), Stages.unwrap(failure));
            } else if (value != null) {
              values.put(member.key.key(), value);
            }
          });
    }
    if (failures.isEmpty()) {
      succeed(Collections.unmodifiableMap(values));
    } else {
      fail(engine.failures.bulkLoad(values, failures));
    }
  }
}
