package io.cacheaside;

import io.cacheaside.store.ChangeListener;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The engine behind both faces of a cache: it owns the rooms that every operation goes through.
 *
 * <pre>
 * face -> Operation -> Guard -> Store      reads, leases, fills, removals: bytes and stamps
 *             |
 *             +- Looks, Entries            bytes to entries and values, and back
 *             +- Tags                      ids that entries depend on
 *             +- Freshness, Lifetimes      may it be used, how long does it live
 *             +- Loads, Load, Leases       who loads, who joins, what may be stored
 *             +- Permits, BackOff          what the source is spared
 *             +- Barriers, Unconfirmed     when nothing may be stored, or read
 *             +- Changes, Near             what is told of changes, and kept until then
 *             +- Events                    counts, listener, log
 * </pre>
 *
 * <p>Nothing in here blocks or has a thread, a clock or randomness of its own. The steps of an
 * operation run on its {@link Caller}, all else on the executor.
 */
final class Engine<K, V> {
  final Settings<K, V> settings;
  final Environment environment;
  final Executor executor;
  final Keyspace<K> keyspace;
  final Entries<K, V> entries;
  final Tags<K> tags;
  final Looks<K, V> looks;
  final Freshness freshness;
  final Lifetimes<K, V> lifetimes;
  final Barriers<K, V> barriers;
  final Grants<K, V> grants;
  final BackOff backOff;
  final Permits permits;
  final Events<K> events;
  final Failures<K> failures;
  final Operation.Context context;
  final Lifecycle lifecycle;
  final Guard guard;
  final Unconfirmed<K> unconfirmed;
  final Removals<K> removals;
  final LoaderThreads loaders = new LoaderThreads();
  final Leases leases;
  final Loads<K, V> loads;
  final LoaderCalls<K, V> loaderCalls;
  final BulkLoads<K, V> bulkLoads;
  final Claims<K, V> claims;
  final Refreshes<K, V> refreshes;
  final StaleReads<K, V> staleReads;
  final Changes changes;

  /** Whether the store tells of changes. */
  final boolean isTold;

  final GroupedReads<K, Looks.Raw> grouped;
  final SharedReads<K, Looks.Raw> reads;
  final NearValues<K, V> nearValues;
  final @Nullable Function<? super K, ? extends @Nullable V> fallback;
  private final @Nullable ExecutorService backgroundThreads;
  final LoaderExecutors loaderExecutors;

  Engine(Settings<K, V> settings) {
    this.settings = settings;
    Settings.Format<K, V> format = settings.format();
    Settings.Ttl<K, V> ttl = settings.ttl();
    Settings.Loads<K, V> loading = settings.loads();
    Settings.Invalidations<V> invalidating = settings.invalidations();
    Settings.Tags<K> tagging = settings.tags();
    NearCache nearCache = settings.near().cache();
    environment = settings.environment();
    executor =
        settings.executor() == null
            ? environment.executor()
            : new LastingExecutor(settings.executor(), environment.executor());
    lifecycle = new Lifecycle(settings.name());
    fallback = loading.fallback();
    keyspace = new Keyspace<>(settings.name(), format.keyCodec(), format.maxKeyBytes());
    entries =
        new Entries<>(
            format.codec(), environment, format.schemaVersion(), format.maxPayloadBytes());
    tags =
        new Tags<>(
            keyspace, environment, tagging.declared(), tagging.byLoaders(), tagging.instantClear());
    Store used = settings.store() == null ? ownStore() : settings.store();
    events =
        new Events<>(
            settings.name(),
            used,
            settings.observation().listener(),
            environment,
            settings.observation().redactKeys());
    failures =
        new Failures<>(
            settings.name(),
            events,
            loading.timeout(),
            loading.maxConcurrent(),
            loading.maxQueued());
    changes = new Changes(keyspace, stripes(nearCache), new Told());
    freshness =
        new Freshness(
            environment, ttl.staleWhileRevalidate(), ttl.staleIfError(), ttl.earlyRefresh());
    looks = new Looks<>(entries, tags, freshness, changes, environment, events, nearCache != null);
    lifetimes =
        new Lifetimes<>(
            environment,
            ttl.usual(),
            ttl.function(),
            ttl.jitter(),
            ttl.longestStaleness(),
            ttl.absent());
    barriers =
        new Barriers<>(
            environment,
            ttl.usual(),
            invalidating.holdOff(),
            invalidating.fenceTime(),
            invalidating.version());
    grants = new Grants<>(keyspace, entries, looks, barriers, events, loading.leaseTime());
    backOff =
        new BackOff(
            environment,
            loading.failureBackoff(),
            loading.longestFailureBackoff(),
            !ttl.longestStaleness().isZero());
    permits =
        new Permits(environment, loading.maxConcurrent(), loading.maxQueued(), loading.warmUp());
    guard =
        new Guard(
            used,
            events,
            environment,
            settings.circuitBreaker().timeouts(),
            settings.circuitBreaker().pause(),
            executor,
            this::storeAnswersAgain);
    context = new Operation.Context(guard, environment, lifecycle, loading.timeout());
    leases = new Leases(guard, entries, backOff);
    loads =
        new Loads<>(
            new Load.Context<>(
                environment,
                loading.timeout(),
                executor,
                new Filler<>(
                    guard, leases, entries, lifetimes, tags, barriers, changes, events, executor),
                leases,
                new Renewals(guard, environment, loading.leaseTime()),
                events,
                failures));
    LoaderRuns runs = new LoaderRuns(environment, loading.retry(), permits, loaders, failures);
    loaderCalls = new LoaderCalls<>(runs, looks, tags, failures);
    bulkLoads = new BulkLoads<>(runs, guard, failures);
    claims = new Claims<>(context, entries);
    removals = new Removals<>(keyspace, tags, barriers, events);
    unconfirmed =
        new Unconfirmed<>(
            guard,
            removals,
            keyspace,
            events,
            environment,
            executor,
            invalidating.maxUnconfirmed());
    staleReads = new StaleReads<>(context, looks, freshness, unconfirmed, events);
    reads = new SharedReads<>(guard, changes, environment, executor, this::lookAgain);
    nearValues =
        new NearValues<>(
            nearCache == null
                ? null
                : new Near<>(nearCache, changes, environment, events::evicted),
            settings.near().copier(),
            freshness,
            unconfirmed,
            lifecycle,
            events);
    grouped = new GroupedReads<>((store, key) -> looks.ask(store, key, looks.usualManner()));
    OpenCaches.open(guard.store(), settings.name());
    ExecutorService threads = null;
    try {
      threads = environment.newBackgroundThreads(settings.name());
      backgroundThreads = threads;
      loaderExecutors =
          new LoaderExecutors(
              executor,
              loading.executor(),
              backgroundThreads,
              loading.contextPropagation(),
              events);
      refreshes =
          new Refreshes<>(
              context,
              executor,
              loaderExecutors,
              new BackgroundClaims<>(context, grants, loads, claims, permits, backOff, events),
              loaderCalls,
              bulkLoads,
              events);
      guard.store().acceptStatesUpTo(entries.maxStateBytes());
      isTold = watch(nearCache);
    } catch (Throwable thrown) {
      OpenCaches.close(guard.store(), settings.name());
      if (threads != null) {
        shutDown(threads, thrown);
      }
      throw thrown;
    }
  }

  private static void shutDown(ExecutorService threads, Throwable reason) {
    try {
      threads.shutdown();
    } catch (Throwable further) {
      suppress(further, reason);
    }
  }

  private static void suppress(Throwable further, Throwable first) {
    if (further != first) {
      first.addSuppressed(further);
    }
  }

  private boolean watch(@Nullable NearCache nearCache) {
    Duration maxLag = nearCache == null ? Duration.ZERO : nearCache.maxStaleness();
    boolean told = guard.store().watch(changes, maxLag);
    if (nearCache != null && !told) {
      throw new IllegalStateException(
          "nearCache is set and the store does not tell of changes: use a store that does, or no"
              + " nearCache");
    }
    return told;
  }

  private static long stripes(@Nullable NearCache nearCache) {
    return nearCache == null ? 0 : nearCache.stripes();
  }

  private void becomeCold() {
    permits.becomeCold();
  }

  private void storeAnswersAgain(boolean afterLoss) {
    if (afterLoss) {
      becomeCold();
    }
    unconfirmed.storeAnswers();
  }

  private Store ownStore() {
    return InMemoryStore.builder().nanoTime(environment::nanoTime).build();
  }

  // ---- What is near, and what is told of it ----------------------------------------------------

  /** Counts what is told, and wakes those who wait for it. */
  private final class Told implements ChangeListener {
    @Override
    public void changed(String key) {
      events.told();
      reads.changed(key);
    }

    @Override
    public void allChanged(Cause cause) {
      events.allTold(cause);
      reads.allChanged();
      if (cause.isLoss()) {
        becomeCold();
      }
    }

    @Override
    public void untold(Duration time) {
      events.untold(time);
    }

    @Override
    public void toldWithin(Duration time) {
      events.toldWithin(time);
    }
  }

  private CompletionStage<Looks.Raw> lookAgain(Store store, EntryKey<K> key) {
    return looks.ask(store, key, isTold ? Looks.Manner.WATCHED : looks.usualManner());
  }

  CacheStats stats() {
    return events.snapshot(unconfirmed.size(), nearValues.size());
  }

  // ---- Life cycle -----------------------------------------------------------------------------

  /** Refuses what comes from now on; returns whether the cache was open. */
  boolean beginClose() {
    boolean first = lifecycle.close();
    if (first) {
      OpenCaches.close(guard.store(), settings.name());
    }
    return first;
  }

  /** Returns a future of the end of what is under way, or of the time for that. */
  CompletableFuture<?> drained() {
    List<CompletableFuture<?>> underWay = new ArrayList<>();
    loads.all().forEach(load -> underWay.add(load.settled()));
    underWay.add(unconfirmed.lastTry());
    CompletableFuture<?> drained = Stages.allOf(underWay);
    CompletableFuture<@Nullable Void> timeIsUp = new CompletableFuture<>();
    Environment.Timer timer =
        environment.schedule(settings.closeTimeout(), () -> timeIsUp.complete(null));
    return CompletableFuture.anyOf(drained, timeIsUp)
        .whenComplete((any, failure) -> timer.cancel());
  }

  /** Fails those who still wait, and ends the rest; throws at last what one of that threw. */
  void endClose() {
    List<Runnable> ends = new ArrayList<>();
    loads.all().forEach(load -> ends.add(() -> load.close(lifecycle.closedException())));
    ends.add(guard::close);
    if (backgroundThreads != null) {
      ends.add(backgroundThreads::shutdown);
    }
    ends.add(() -> guard.store().unwatch(changes));
    ends.add(this::reportLost);
    Throwable failure = null;
    for (Runnable end : ends) {
      try {
        end.run();
      } catch (Throwable thrown) {
        if (failure == null) {
          failure = thrown;
        } else {
          suppress(thrown, failure);
        }
      }
    }
    if (failure instanceof Error error) {
      throw error;
    } else if (failure instanceof RuntimeException exception) {
      throw exception;
    }
  }

  private void reportLost() {
    if (unconfirmed.size() > 0) {
      events.invalidationsLost(unconfirmed.size());
    }
  }
}
