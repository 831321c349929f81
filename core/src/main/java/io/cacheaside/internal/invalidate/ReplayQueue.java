package io.cacheaside.internal.invalidate;

import io.cacheaside.Environment;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.entry.Keyspace;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.flow.Chunks;
import io.cacheaside.internal.flow.GuardedStore;
import io.cacheaside.internal.flow.Stages;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The invalidations that the store has not confirmed. What they are about is read around the cache
 * in this instance until they have been repeated with success.
 *
 * <p>Keys are known one by one up to a bound. Beyond it, and after a tag, a pattern or everything
 * could not be invalidated, the whole cache is read around. A later invalidation or put of a key
 * that the store confirms settles an earlier one; numbers given at the beginning of each tell which
 * is later.
 *
 * <p>State is guarded by this object's monitor, in which nothing waits. The environment, which does
 * not block, is the only one that is called in it.
 */
public final class ReplayQueue<K> {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final int MAX_WIDE = 100;

  private final GuardedStore guard;
  private final Removals<K> removals;
  private final Keyspace<K> keyspace;
  private final Events<K> events;
  private final Environment environment;
  private final Executor executor;
  private final int maxKeys;
  private final Map<String, Key<K>> keys = new LinkedHashMap<>();
  private final Map<Removal.Scope, Wide<K>> wide = new LinkedHashMap<>();
  private volatile boolean empty = true;
  private long lastNumber;
  private Duration pause = FIRST_PAUSE;
  private boolean replaying;

  /** The nodes whose keys have failed since the last pause. */
  private final Set<String> failedNodes = new HashSet<>();

  private Environment.@Nullable Timer timer;
  private boolean closed;

  /**
   * One key.
   *
   * @param node the one that had the key when it was added; empty if there is only one
   */
  private record Key<K>(EntryKey<K> key, long number, String node) {}

  /** The number tells it from a later one of the same, which has to be repeated for itself. */
  private record Wide<K>(Removal.Scope scope, Removal<K> removal, long number) {}

  /**
   * Creates an empty queue.
   *
   * @param executor repeats invalidations
   * @param maxKeys how many keys are known one by one
   */
  public ReplayQueue(
      GuardedStore guard,
      Removals<K> removals,
      Keyspace<K> keyspace,
      Events<K> events,
      Environment environment,
      Executor executor,
      int maxKeys) {
    this.guard = guard;
    this.removals = removals;
    this.keyspace = keyspace;
    this.events = events;
    this.environment = environment;
    this.executor = executor;
    this.maxKeys = maxKeys;
  }

  /** Returns the number of an operation that begins now. */
  public synchronized long nextNumber() {
    return ++lastNumber;
  }

  /** Returns whether a key has to be read around. */
  public boolean covers(K key) {
    return !empty && isCovered(keyspace.of(key));
  }

  /** Returns whether a key has to be read around. */
  public boolean covers(EntryKey<K> key) {
    return !empty && isCovered(key);
  }

  private synchronized boolean isCovered(EntryKey<K> key) {
    boolean covered = !wide.isEmpty() || keys.containsKey(key.text());
    if (covered) {
      schedule(); // in case an Error has kept a timer from being set
    }
    return covered;
  }

  /** Returns whether an invalidation of just this key is waiting to be repeated. */
  public boolean knows(EntryKey<K> key) {
    return !empty && isKnown(key);
  }

  private synchronized boolean isKnown(EntryKey<K> key) {
    return keys.containsKey(key.text());
  }

  /** Returns how many invalidations are waiting to be repeated. */
  public synchronized int size() {
    return keys.size() + wide.size();
  }

  // ---- Coming and going -----------------------------------------------------------------------

  /** Adds an invalidation that failed. From here on what it is about is read around. */
  public void add(Removal<K> removal, long number) {
    List<Key<K>> added =
        removal.keys().stream().map(key -> new Key<>(key, number, nodeOf(key))).toList();
    synchronized (this) {
      empty = false;
      added.forEach(key -> keys.merge(key.key().text(), key, ReplayQueue::later));
      addWide(removal, number);
      if (keys.size() > maxKeys || wide.size() > MAX_WIDE) {
        Removal<K> everything = removals.ofEverything();
        keys.clear();
        wide.clear();
        addWide(everything, lastNumber);
      }
      schedule();
    }
    events.invalidationQueued(removal.what());
  }

  private void addWide(Removal<K> removal, long number) {
    Removal.Scope scope = removal.scope();
    if (scope != null) {
      wide.put(scope, new Wide<>(scope, removal, number));
    }
  }

  private String nodeOf(EntryKey<K> key) {
    return Objects.requireNonNullElse(guard.store().nodeOf(key.text()), "");
  }

  private static <K> Key<K> later(Key<K> one, Key<K> other) {
    return one.number() > other.number() ? one : other;
  }

  /** Settles what was invalidated, or put, by an operation that began under a number. */
  public void confirm(Collection<EntryKey<K>> confirmed, long number) {
    if (!empty) {
      synchronized (this) {
        confirmed.forEach(
            key ->
                keys.computeIfPresent(
                    key.text(), (text, known) -> known.number() <= number ? null : known));
        empty = keys.isEmpty() && wide.isEmpty();
      }
    }
  }

  // ---- Repeating ------------------------------------------------------------------------------

  /** Repeats at once, because the store answers again. */
  public void storeAnswers() {
    if (!empty) {
      synchronized (this) {
        pause = FIRST_PAUSE;
        failedNodes.clear();
        cancelTimer();
      }
      replay();
    }
  }

  private void schedule() {
    if (timer == null && !replaying && !closed) {
      long nanos = (long) (pause.toNanos() * (0.5 + environment.random() / 2));
      timer = environment.schedule(Duration.ofNanos(nanos), this::due);
    }
  }

  private void due() {
    synchronized (this) {
      timer = null;
      failedNodes.clear();
    }
    try {
      executor.execute(this::replay);
    } catch (Throwable refused) {
      interrupted(refused);
      throw refused;
    }
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  /**
   * Repeats one wide invalidation, or the next keys of one node together. Goes on until each node
   * has failed or has no more keys.
   */
  private void replay() {
    List<Key<K>> some;
    Wide<K> one;
    synchronized (this) {
      if (replaying || empty) {
        return;
      }
      one = wide.isEmpty() ? null : wide.values().iterator().next();
      some = one == null ? firstKeys() : List.of();
      if (one == null && some.isEmpty()) {
        schedule();
        return;
      }
      replaying = true;
    }
    try {
      replay(one, some);
    } catch (Throwable thrown) {
      interrupted(thrown);
      throw thrown;
    }
  }

  private void replay(@Nullable Wide<K> one, List<Key<K>> some) {
    Removal<K> removal =
        one == null ? removals.ofKeys(some.stream().map(Key::key).toList()) : one.removal();
    Stages.whenDone(
        guard.issueAlways(removal.command()),
        executor,
        (count, failure) -> {
          if (failure == null) {
            replayed(removal, one, some);
          } else {
            failed(guard.report("replay", failure), some);
          }
        },
        this::interrupted);
  }

  /** Tries again after a pause what an {@code Error} or an executor has kept from being done. */
  private void interrupted(Throwable thrown) {
    synchronized (this) {
      replaying = false;
    }
    tryLater(GuardedStore.asStoreException("replay", thrown));
  }

  private List<Key<K>> firstKeys() {
    List<Key<K>> first = new ArrayList<>();
    for (Key<K> key : keys.values()) {
      boolean sameNode = first.isEmpty() || first.get(0).node().equals(key.node());
      if (sameNode && !failedNodes.contains(key.node())) {
        first.add(key);
      }
      if (first.size() == Chunks.SIZE) {
        break;
      }
    }
    return first;
  }

  /** Counts in the same step as it forgets: who reads that nothing waits finds it counted. */
  private void replayed(Removal<K> removal, @Nullable Wide<K> one, List<Key<K>> some) {
    synchronized (this) {
      replaying = false;
      pause = FIRST_PAUSE;
      if (one != null) {
        forget(one);
      }
      forget(some);
      events.countReplayed(removal.count());
    }
    events.invalidationReplayed(removal.what());
    guard.succeeded();
    replay();
  }

  /**
   * Goes on with the keys of other nodes, and tries again after a pause. A store that is closed
   * does not come back.
   */
  private void failed(StoreException failure, List<Key<K>> some) {
    boolean goOn;
    synchronized (this) {
      replaying = false;
      some.forEach(key -> failedNodes.add(key.node()));
      goOn = wide.isEmpty() && !firstKeys().isEmpty();
    }
    if (goOn) {
      replay();
    } else {
      tryLater(failure);
    }
  }

  private void tryLater(StoreException failure) {
    synchronized (this) {
      Duration doubled = pause.multipliedBy(2);
      pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
      if (failure.reason() != StoreException.Reason.CLOSED) {
        schedule();
      }
    }
  }

  // ---- The end --------------------------------------------------------------------------------

  /** Tries once more; the future completes when each of them has succeeded or failed. */
  public CompletableFuture<?> lastTry() {
    List<Wide<K>> allWide;
    List<Key<K>> allKeys;
    synchronized (this) {
      closed = true;
      cancelTimer();
      allWide = List.copyOf(wide.values());
      allKeys = List.copyOf(keys.values());
    }
    List<CompletableFuture<?>> tries = new ArrayList<>();
    allWide.forEach(one -> tries.add(lastTry(one.removal(), () -> forget(one))));
    for (int from = 0; from < allKeys.size(); from += Chunks.SIZE) {
      List<Key<K>> some = allKeys.subList(from, Math.min(from + Chunks.SIZE, allKeys.size()));
      Removal<K> removal = removals.ofKeys(some.stream().map(Key::key).toList());
      tries.add(lastTry(removal, () -> forget(some)));
    }
    return Stages.allOf(tries);
  }

  private CompletableFuture<?> lastTry(Removal<K> removal, Runnable succeeded) {
    return guard
        .issueAlways(removal.command())
        .thenRun(succeeded)
        .exceptionally(failure -> null)
        .toCompletableFuture();
  }

  private synchronized void forget(Wide<K> one) {
    wide.remove(one.scope(), one);
    empty = keys.isEmpty() && wide.isEmpty();
  }

  private synchronized void forget(List<Key<K>> some) {
    some.forEach(key -> keys.remove(key.key().text(), key));
    empty = keys.isEmpty() && wide.isEmpty();
  }
}
