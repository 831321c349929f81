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
 *             +- Loads, Leases, Filler     who loads, who joins, what may be stored
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
  final Lifetimes<K, V> lifetimes;
  final Barriers<K, V> barriers;
  final Grants<K, V> grants;
  final Events<K> events;
  final Failures<K> failures;
  final Guard guard;
  final Leases leases;
  final Loads<K, V> loads;
  final Changes changes;
  private final Lifecycle lifecycle;
  private final Operation.Context context;
  final Freshness freshness;
  private final Looks<K, V> looks;
  private final GroupedReads<K, Looks.Raw> grouped;
  private final Removals<K> removals;
  private final BackOff backOff;
  private final LoaderThreads loaderThreads;
  private final LoaderCalls<K, V> calls;
  private final BulkLoads<K, V> bulkLoads;
  private final Claims<K, V> claims;
  private final Permits permits;
  private final Unconfirmed<K> unconfirmed;
  private final SharedReads<K, Looks.Raw> sharedReads;
  private final NearValues<K, V> nearValues;
  private final Operations<K, V> operations;
  private final @Nullable ExecutorService backgroundThreads;

  /** Whether the store tells of changes. */
  private final boolean isTold;

  /** Builds the rooms from the ground up. */
  Engine(Settings<K, V> settings) {
    this.settings = settings;
    Settings.Format<K, V> format = settings.format();
    Settings.Ttl<K, V> ttl = settings.ttl();
    Settings.Loads<K, V> loading = settings.loads();
    Settings.Invalidations<V> invalidating = settings.invalidations();
    Settings.Tags<K> tagging = settings.tags();
    NearCache nearCache = settings.near().cache();

    // Time, threads, life cycle
    environment = settings.environment();
    executor =
        settings.executor() == null
            ? environment.executor()
            : new LastingExecutor(settings.executor(), environment.executor());
    lifecycle = new Lifecycle(settings.name());

    // Keys, entries, tags
    keyspace = new Keyspace<>(settings.name(), format.keyCodec(), format.maxKeyBytes());
    entries =
        new Entries<>(
            format.codec(), environment, format.schemaVersion(), format.maxPayloadBytes());
    tags =
        new Tags<>(
            keyspace, environment, tagging.declared(), tagging.byLoaders(), tagging.instantClear());

    // Events
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

    // The store
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

    // Reading
    changes = new Changes(keyspace, stripes(nearCache), new Told());
    freshness =
        new Freshness(
            environment, ttl.staleWhileRevalidate(), ttl.staleIfError(), ttl.earlyRefresh());
    looks = new Looks<>(entries, tags, freshness, changes, environment, events, nearCache != null);
    grouped = new GroupedReads<>((store, key) -> looks.ask(store, key, looks.usualManner()));

    sharedReads = new SharedReads<>(guard, changes, environment, executor, this::lookAgain);

    // Invalidating
    barriers =
        new Barriers<>(
            environment,
            ttl.usual(),
            invalidating.holdOff(),
            invalidating.fenceTime(),
            invalidating.version());
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
    nearValues =
        new NearValues<>(
            nearCache == null ? null : new Near<>(nearCache, changes, environment, events::evicted),
            settings.near().copier(),
            freshness,
            unconfirmed,
            lifecycle,
            events);

    // The right to store
    lifetimes =
        new Lifetimes<>(
            environment,
            ttl.usual(),
            ttl.function(),
            ttl.jitter(),
            ttl.longestStaleness(),
            ttl.absent());
    backOff =
        new BackOff(
            environment,
            loading.failureBackoff(),
            loading.longestFailureBackoff(),
            !ttl.longestStaleness().isZero());
    grants = new Grants<>(keyspace, entries, looks, barriers, events, loading.leaseTime());
    leases = new Leases(guard, entries, backOff);

    // Loading
    permits =
        new Permits(environment, loading.maxConcurrent(), loading.maxQueued(), loading.warmUp());
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
    loaderThreads = new LoaderThreads();
    LoaderRuns runs =
        new LoaderRuns(environment, loading.retry(), permits, loaderThreads, failures);
    calls = new LoaderCalls<>(runs, looks, tags, failures);
    bulkLoads = new BulkLoads<>(runs, guard, failures);
    claims = new Claims<>(context, entries, leases);

    OpenCaches.open(guard.store(), settings.name());
    ExecutorService threads = null;
    try {
      threads = environment.newBackgroundThreads(settings.name());
      backgroundThreads = threads;
      guard.store().acceptStatesUpTo(entries.maxStateBytes());
      isTold = watch(nearCache);
      operations = newOperations();
    } catch (Throwable thrown) {
      OpenCaches.close(guard.store(), settings.name());
      if (threads != null) {
        shutDown(threads, thrown);
      }
      throw thrown;
    }
  }

  private Operations<K, V> newOperations() {
    Settings.Loads<K, V> loading = settings.loads();
    LoaderExecutors executors =
        new LoaderExecutors(
            executor, loading.executor(), backgroundThreads, loading.contextPropagation(), events);
    Refreshes<K, V> refreshes =
        new Refreshes<>(
            context,
            executor,
            executors,
            new BackgroundClaims<>(context, grants, loads, claims, permits, backOff, events),
            calls,
            bulkLoads,
            events);
    Gets<K, V> gets = newGets(executors, refreshes);
    Invalidations<K> invalidations =
        new Invalidations<>(
            context, settings.invalidations().retry(), removals, unconfirmed, events, failures);
    Fences<K> fences = new Fences<>(context, barriers, removals, invalidations);
    return new Operations<>(
        lifecycle,
        keyspace,
        tags,
        barriers,
        removals,
        failures,
        nearValues,
        gets,
        new BulkGets<>(
            context, gets, looks, bulkLoads, refreshes, executors, loaderThreads, failures),
        new Lookups<>(context, looks, tags, unconfirmed, nearValues),
        new Explanations<>(
            context,
            settings.name(),
            keyspace,
            looks,
            entries,
            freshness,
            new ReadPlans(freshness, backOff),
            loads,
            nearValues,
            unconfirmed,
            events),
        new Puts<>(context, lifetimes, entries, looks, tags, grants, guard, unconfirmed),
        new Updates<>(context, looks, entries, unconfirmed, removals),
        new TtlChanges<>(context, looks, tags, entries, lifetimes, unconfirmed),
        invalidations,
        fences,
        new Writes<>(context, barriers, fences, invalidations, removals, unconfirmed, failures),
        new HealthChecks(context, unconfirmed));
  }

  private Gets<K, V> newGets(LoaderExecutors executors, Refreshes<K, V> refreshes) {
    Settings.Loads<K, V> loading = settings.loads();
    ReadPlans plans = new ReadPlans(freshness, backOff);
    Misses<K, V> misses =
        new Misses<>(
            context,
            loads,
            calls,
            executors,
            grants,
            permits,
            barriers,
            entries,
            sharedReads,
            loading.leaseTime(),
            isTold,
            events,
            failures);
    return new Gets<>(
        context,
        looks,
        grouped,
        tags,
        nearValues,
        unconfirmed,
        barriers,
        freshness,
        plans,
        misses,
        new Reloads<>(loads, grants, claims, plans, looks, sharedReads, failures),
        new StaleReads<>(context, looks, freshness, unconfirmed, events),
        refreshes,
        loaderThreads,
        loading.softTimeout(),
        loading.fallback(),
        events,
        failures);
  }

  /** Returns what callers can ask of this cache. */
  Operations<K, V> operations() {
    return operations;
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
      sharedReads.changed(key);
    }

    @Override
    public void allChanged(Cause cause) {
      events.allTold(cause);
      sharedReads.allChanged();
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
