package io.cacheaside;

import io.cacheaside.codec.CodecException;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The engine behind both faces of a cache: it owns the rooms that every operation goes through.
 *
 * <pre>
 * face -> Operation -> Guard -> Store      reads, leases, fills, removals: bytes and stamps
 *             |
 *             +- Entries                   bytes to entries and values, and back
 *             +- Loads, Load, Leases       who loads, who joins, what may be stored
 *             +- Ttls                      how long it lives
 *             +- Events                    counts, listener, log
 * </pre>
 *
 * <p>Nothing in here blocks or has a thread, a clock or randomness of its own. The steps of an
 * operation run on its {@link Caller}, all else on the executor.
 */
final class Engine<K, V> {
  final Settings settings;
  final Environment environment;
  final Executor executor;
  final Keyspace<K> keyspace;
  final Entries<K, V> entries;
  final Events<K> events;
  final Guard guard;
  final Loads<K, V> loads = new Loads<>();
  final LoaderThreads loaders = new LoaderThreads();
  final Leases<K, V> leases = new Leases<>(this);
  final SharedReads reads;
  final Ttls ttls;
  private final @Nullable Executor loaderExecutor;
  private final AtomicBoolean closed = new AtomicBoolean();

  Engine(CacheAsideBuilder<K, V> builder) {
    settings = builder.settings();
    environment = builder.environment;
    executor = builder.executor == null ? environment.executor() : lasting(builder.executor);
    loaderExecutor = builder.loaderExecutor;
    keyspace = new Keyspace<>(settings.name(), builder.keyCodec, settings.maxKeyBytes());
    entries = new Entries<>(builder.codec, environment, settings);
    events = new Events<>(settings.name(), builder.listener, environment, builder.redactKeys);
    guard = new Guard(builder.store == null ? ownStore() : builder.store, events);
    reads = new SharedReads(guard, environment, executor);
    ttls = new Ttls(environment, settings.ttlJitter());
    OpenCaches.open(guard.store(), settings.name());
  }

  /** Makes sure that every step runs, even if the given executor is full or was shut down. */
  private Executor lasting(Executor given) {
    return step -> {
      try {
        given.execute(step);
      } catch (RejectedExecutionException rejected) {
        environment.executor().execute(step);
      }
    };
  }

  private Store ownStore() {
    return InMemoryStore.builder().nanoTime(environment::nanoTime).build();
  }

  /** Returns where the loaders of a caller run: on its own thread, unless set otherwise. */
  Executor loadersOf(Caller caller) {
    return loaderExecutor != null && caller.isWaitingThread() ? loaderExecutor : caller;
  }

  EntryKey<K> entryKey(K key) {
    checkOpen();
    return keyspace.of(key);
  }

  /** Returns the keys without repetition, in their order. */
  List<EntryKey<K>> entryKeys(Collection<? extends K> keys) {
    checkOpen();
    List<EntryKey<K>> distinct = new ArrayList<>(keys.size());
    for (K key : new LinkedHashSet<>(keys)) {
      distinct.add(keyspace.of(key));
    }
    return distinct;
  }

  Duration ttlOf(ReadOptions options) {
    Duration ttl = options.ttl();
    return ttl == null ? settings.ttl() : ttl;
  }

  /** Returns the value of an entry; null, counted, if it is not readable. */
  @Nullable V decodeOrNull(EntryKey<K> key, Entry entry) {
    try {
      return entries.decode(entry);
    } catch (CodecException e) {
      events.decodeFailed(key, e);
      return null;
    }
  }

  // ---- What operations fail with --------------------------------------------------------------

  LoadTimeoutException loadTimeoutOf(EntryKey<K> key) {
    return new LoadTimeoutException(settings.name(), events.describe(key), settings.loadTimeout());
  }

  LoadException loadFailureOf(EntryKey<K> key, Throwable failure) {
    return new LoadException(settings.name(), events.describe(key), failure);
  }

  IllegalStateException recursiveLoadOf(EntryKey<K> key) {
    return new IllegalStateException(
        "Cache '"
            + settings.name()
            + "': the loader of key '"
            + events.describe(key)
            + "' asked the cache for the key it is loading; read the source instead");
  }

  IllegalStateException closedException() {
    return new IllegalStateException("Cache '" + settings.name() + "' is closed");
  }

  // ---- Life cycle -----------------------------------------------------------------------------

  boolean isClosed() {
    return closed.get();
  }

  void checkOpen() {
    if (closed.get()) {
      throw closedException();
    }
  }

  /** Refuses what comes from now on; returns a future of the end of what is under way, or null. */
  @Nullable CompletableFuture<?> beginClose() {
    if (!closed.compareAndSet(false, true)) {
      return null;
    }
    OpenCaches.close(guard.store(), settings.name());
    CompletableFuture<?> drained =
        CompletableFuture.allOf(
            loads.all().stream().map(Load::settled).toArray(CompletableFuture[]::new));
    CompletableFuture<@Nullable Void> timeIsUp = new CompletableFuture<>();
    Environment.Timer timer =
        environment.schedule(settings.closeTimeout(), () -> timeIsUp.complete(null));
    return CompletableFuture.anyOf(drained, timeIsUp)
        .whenComplete((any, failure) -> timer.cancel());
  }

  /** Fails those who still wait. */
  void endClose() {
    loads.all().forEach(load -> load.close(closedException()));
  }
}
