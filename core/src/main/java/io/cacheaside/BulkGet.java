package io.cacheaside;

import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * One {@code getAll}: a {@link GetOperation} per key, whose first read, lease, load and fill are
 * each done together with those of the other keys. A key that somebody else loads goes its own way
 * from there.
 *
 * <p>Its caller runs one step at a time, so nothing here is shared between threads.
 */
final class BulkGet<K, V> extends Operation<K, V, Map<K, V>> {
  /** How many keys are sent to the store together: what it surely answers within its deadline. */
  static final int CHUNK = 500;

  private final BulkSource<K, V> source;
  private final Duration ttl;
  private final List<Member> members = new ArrayList<>();
  private final List<Member> toLease = new ArrayList<>();
  private final List<Load<K, V>> toLoad = new ArrayList<>();
  private boolean collectingLeases = true;
  private boolean collectingLoads = true;
  private int unanswered;

  BulkGet(
      Engine<K, V> engine, Caller caller, Collection<EntryKey<K>> keys, BulkSource<K, V> source) {
    super(engine, caller);
    this.source = source;
    this.ttl = engine.settings.ttl();
    keys.forEach(key -> members.add(new Member(key)));
    this.unanswered = members.size();
  }

  /** One key of the call. Its lease and its load are put off until those of all keys are known. */
  private final class Member extends GetOperation<K, V> {

    Member(EntryKey<K> key) {
      super(BulkGet.this.engine, BulkGet.this.caller, key, BulkGet.this::loadOne, ttl);
    }

    @Override
    void askForLease() {
      if (collectingLeases) {
        toLease.add(this);
      } else {
        super.askForLease();
      }
    }

    @Override
    void owned(Load<K, V> load) {
      if (collectingLoads) {
        toLoad.add(load);
        await(load);
      } else {
        super.owned(load);
      }
    }
  }

  @Override
  void start() {
    if (members.isEmpty()) {
      finish();
      return;
    }
    members.forEach(member -> then(member.result, (value, failure) -> answered()));
    askTogether(
        "read",
        members,
        (store, member) -> store.read(member.key.text()),
        BulkGet::onRead,
        this::leaseTogether);
  }

  private static <K, V> void onRead(
      GetOperation<K, V> member, byte @Nullable [] state, @Nullable StoreException failure) {
    if (member.checkNotRecursive()) {
      member.onRead(state, failure);
    }
  }

  private void leaseTogether() {
    collectingLeases = false;
    Map<Member, Load<K, V>> loads = new LinkedHashMap<>();
    toLease.forEach(member -> loads.put(member, member.announceLoad()));
    askTogether(
        "lease",
        toLease,
        (store, member) -> GetOperation.lease(store, Objects.requireNonNull(loads.get(member))),
        (member, state, failure) ->
            member.onLease(Objects.requireNonNull(loads.get(member)), state, failure),
        this::loadTogether);
  }

  private interface Answer<M, T extends @Nullable Object> {
    void accept(M member, @Nullable T answer, @Nullable StoreException failure);
  }

  /**
   * Asks the store the same for several members, chunk by chunk, and goes on when all are answered.
   */
  private <T extends @Nullable Object> void askTogether(
      String operation,
      List<Member> asking,
      BiFunction<Store, Member, CompletionStage<T>> command,
      Answer<Member, T> each,
      Runnable afterAll) {
    List<Member> chunk = asking.subList(0, Math.min(CHUNK, asking.size()));
    List<CompletableFuture<T>> answers = new ArrayList<>(chunk.size());
    engine.guard.batch(
        () ->
            chunk.forEach(
                member ->
                    answers.add(
                        engine.guard.issue(s -> command.apply(s, member)).toCompletableFuture())));
    then(
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)),
        (all, failed) -> {
          for (int i = 0; i < answers.size(); i++) {
            deliver(operation, chunk.get(i), answers.get(i), each);
          }
          if (chunk.size() == asking.size()) {
            afterAll.run();
          } else {
            List<Member> rest = asking.subList(chunk.size(), asking.size());
            askTogether(operation, rest, command, each, afterAll);
          }
        });
  }

  private <T extends @Nullable Object> void deliver(
      String operation, Member member, CompletableFuture<T> answer, Answer<Member, T> each) {
    Guard.whenDone(
        answer,
        (value, failure) ->
            member.guarded(
                () ->
                    each.accept(
                        member,
                        value,
                        failure == null ? null : engine.guard.report(operation, failure))));
  }

  private void loadTogether() {
    collectingLoads = false;
    if (toLoad.isEmpty()) {
      return;
    }
    Executor loaders = engine.loadersOf(caller);
    if (loaders == caller) {
      load(loaders);
    } else {
      try {
        loaders.execute(() -> load(loaders));
      } catch (RejectedExecutionException rejected) {
        end(toLoad, null, rejected);
      }
    }
  }

  private void load(Executor loaders) {
    Retry.<Map<? extends K, ? extends V>>run(
        engine.settings.loadRetry(),
        engine.environment,
        loaders,
        caller,
        this::attempt,
        (values, failure) -> end(toLoad, values, failure));
  }

  private CompletionStage<? extends Map<? extends K, ? extends V>> attempt() throws Exception {
    if (caller.isGone()) {
      throw new WaitInterruptedException(engine.settings.name());
    }
    if (toLoad.stream().allMatch(Load::isEnded)) {
      throw engine.loadTimeoutOf(toLoad.get(0).key());
    }
    Set<K> keys = new LinkedHashSet<>();
    for (Load<K, V> load : toLoad) {
      keys.add(load.key().key());
      load.enterLoader(caller);
    }
    try {
      return source.loadAll(Collections.unmodifiableSet(keys));
    } finally {
      toLoad.forEach(Load::leaveLoader);
    }
  }

  /** Ends the loads chunk by chunk, so that no store has to take all the fills at once. */
  private void end(
      List<Load<K, V>> loads,
      @Nullable Map<? extends K, ? extends V> values,
      @Nullable Throwable failure) {
    List<Load<K, V>> chunk = loads.subList(0, Math.min(CHUNK, loads.size()));
    engine.guard.batch(() -> chunk.forEach(load -> end(load, values, failure)));
    if (chunk.size() < loads.size()) {
      List<Load<K, V>> rest = loads.subList(chunk.size(), loads.size());
      then(
          CompletableFuture.allOf(
              chunk.stream().map(Load::settled).toArray(CompletableFuture[]::new)),
          (filled, e) -> end(rest, values, failure));
    }
  }

  private void end(
      Load<K, V> load,
      @Nullable Map<? extends K, ? extends V> values,
      @Nullable Throwable failure) {
    if (values != null) {
      end(load, values);
    } else {
      load.failed(failure == null ? new NullPointerException("the loader returned null") : failure);
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
    load.loaded(value, ttl);
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
      Guard.whenDone(
          member.result,
          (value, failure) -> {
            if (failure != null) {
              failures.put(member.key.key(), CallerThread.unwrap(failure));
            } else if (value != null) {
              values.put(member.key.key(), value);
            }
          });
    }
    if (failures.isEmpty()) {
      succeed(Collections.unmodifiableMap(values));
    } else {
      Throwable first = failures.values().iterator().next();
      fail(new BulkLoadException(engine.settings.name(), values, failures, first));
    }
  }
}
