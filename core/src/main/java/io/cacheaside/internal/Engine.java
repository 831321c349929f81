package io.cacheaside.internal;

import io.cacheaside.CacheStats;
import io.cacheaside.Environment;
import io.cacheaside.NearCache;
import io.cacheaside.internal.entry.EntryCodec;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.entry.Keyspace;
import io.cacheaside.internal.entry.Lifetimes;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.events.Failures;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.GuardedStore;
import io.cacheaside.internal.flow.Lifecycle;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.flow.Stages;
import io.cacheaside.internal.invalidate.Barriers;
import io.cacheaside.internal.invalidate.Fences;
import io.cacheaside.internal.invalidate.Invalidations;
import io.cacheaside.internal.invalidate.Removals;
import io.cacheaside.internal.invalidate.ReplayQueue;
import io.cacheaside.internal.lease.Claims;
import io.cacheaside.internal.lease.FailureBackoff;
import io.cacheaside.internal.lease.Filler;
import io.cacheaside.internal.lease.Grants;
import io.cacheaside.internal.lease.Leases;
import io.cacheaside.internal.lease.Renewals;
import io.cacheaside.internal.load.BackgroundClaims;
import io.cacheaside.internal.load.BulkLoads;
import io.cacheaside.internal.load.Bulkhead;
import io.cacheaside.internal.load.Load;
import io.cacheaside.internal.load.LoaderCalls;
import io.cacheaside.internal.load.LoaderExecutors;
import io.cacheaside.internal.load.LoaderRuns;
import io.cacheaside.internal.load.Loads;
import io.cacheaside.internal.load.RecursionGuard;
import io.cacheaside.internal.load.Refreshes;
import io.cacheaside.internal.near.NearTier;
import io.cacheaside.internal.near.NearValues;
import io.cacheaside.internal.operation.BulkGets;
import io.cacheaside.internal.operation.Explanations;
import io.cacheaside.internal.operation.Gets;
import io.cacheaside.internal.operation.HealthChecks;
import io.cacheaside.internal.operation.Lookups;
import io.cacheaside.internal.operation.Misses;
import io.cacheaside.internal.operation.Operations;
import io.cacheaside.internal.operation.Puts;
import io.cacheaside.internal.operation.ReadPlans;
import io.cacheaside.internal.operation.Reloads;
import io.cacheaside.internal.operation.StaleReads;
import io.cacheaside.internal.operation.StandIns;
import io.cacheaside.internal.operation.TtlChanges;
import io.cacheaside.internal.operation.Updates;
import io.cacheaside.internal.operation.Writes;
import io.cacheaside.internal.read.CoalescedReads;
import io.cacheaside.internal.read.EntryReader;
import io.cacheaside.internal.read.Epochs;
import io.cacheaside.internal.read.Freshness;
import io.cacheaside.internal.read.ScheduledReads;
import io.cacheaside.internal.read.Tags;
import io.cacheaside.internal.threads.LastingExecutor;
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
public final class Engine<K, V> {
  /** How many bytes of a near cache an entry takes, about. */
  private static final int USUAL_BYTES = 512;

  final Settings<K, V> settings;
  final Environment environment;
  final Executor executor;
  final Keyspace<K> keyspace;
  final EntryCodec<K, V> entryCodec;
  final Tags<K> tags;
  final Lifetimes<K, V> lifetimes;
  final Barriers<K, V> barriers;
  final Grants<K, V> grants;
  final Events<K> events;
  final Failures<K> failures;
  final GuardedStore guard;
  final Leases leases;
  final Loads<K, V> loads;
  final Epochs epochs;
  private final Lifecycle lifecycle;
  private final Operation.Context context;
  final Freshness freshness;
  private final EntryReader<K, V> entryReader;
  private final CoalescedReads<K, EntryReader.Raw> grouped;
  private final Removals<K> removals;
  private final FailureBackoff failureBackoff;
  private final RecursionGuard recursionGuard;
  private final LoaderCalls<K, V> calls;
  private final BulkLoads<K, V> bulkLoads;
  private final Claims<K, V> claims;
  private final Bulkhead bulkhead;
  private final ReplayQueue<K> replayQueue;
  private final ScheduledReads<K, EntryReader.Raw> scheduledReads;
  private final NearValues<K, V> nearValues;
  private final Operations<K, V> operations;
  private final @Nullable ExecutorService backgroundThreads;

  /** Whether the store tells of changes. */
  private final boolean isTold;

  /** Builds the rooms from the ground up. */
  public Engine(Settings<K, V> settings) {
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
    entryCodec =
        new EntryCodec<>(
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
        new GuardedStore(
            used,
            events,
            environment,
            settings.circuitBreaker().timeouts(),
            settings.circuitBreaker().pause(),
            executor,
            this::storeAnswersAgain);
    context = new Operation.Context(guard, environment, lifecycle, loading.timeout());

    // Reading
    epochs = new Epochs(keyspace, stripes(nearCache), new Told());
    freshness =
        new Freshness(
            environment, ttl.staleWhileRevalidate(), ttl.staleIfError(), ttl.earlyRefresh());
    entryReader =
        new EntryReader<>(
            entryCodec, tags, freshness, epochs, environment, events, nearCache != null);
    grouped =
        new CoalescedReads<>(
            (store, key) -> entryReader.ask(store, key, entryReader.usualManner()));

    scheduledReads = new ScheduledReads<>(guard, epochs, environment, executor, this::lookAgain);

    // Invalidating
    barriers =
        new Barriers<>(
            environment,
            ttl.usual(),
            invalidating.holdOff(),
            invalidating.fenceTime(),
            invalidating.version());
    removals = new Removals<>(keyspace, tags, barriers, events);
    replayQueue =
        new ReplayQueue<>(
            guard,
            removals,
            keyspace,
            events,
            environment,
            executor,
            invalidating.maxUnconfirmed());
    nearValues =
        new NearValues<>(
            nearCache == null
                ? null
                : new NearTier<>(nearCache, epochs, environment, events::evicted),
            settings.near().copier(),
            freshness,
            replayQueue,
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
    failureBackoff =
        new FailureBackoff(
            environment,
            loading.failureBackoff(),
            loading.longestFailureBackoff(),
            !ttl.longestStaleness().isZero());
    grants = new Grants<>(keyspace, entryCodec, entryReader, barriers, events, loading.leaseTime());
    leases = new Leases(guard, entryCodec, failureBackoff);

    // Loading
    bulkhead =
        new Bulkhead(environment, loading.maxConcurrent(), loading.maxQueued(), loading.warmUp());
    loads =
        new Loads<>(
            new Load.Context<>(
                environment,
                loading.timeout(),
                executor,
                new Filler<>(
                    guard, leases, entryCodec, lifetimes, tags, barriers, epochs, events, executor),
                leases,
                new Renewals(guard, environment, loading.leaseTime()),
                events,
                failures));
    recursionGuard = new RecursionGuard();
    LoaderRuns runs =
        new LoaderRuns(environment, loading.retry(), bulkhead, recursionGuard, failures);
    calls = new LoaderCalls<>(runs, entryReader, tags, failures);
    bulkLoads = new BulkLoads<>(runs, guard, failures);
    claims = new Claims<>(context, entryCodec, leases);

    OpenCaches.open(guard.store(), settings.name());
    ExecutorService threads = null;
    try {
      threads = environment.newBackgroundThreads(settings.name());
      backgroundThreads = threads;
      guard.store().acceptStatesUpTo(entryCodec.maxStateBytes());
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
            new BackgroundClaims<>(
                context, grants, loads, claims, bulkhead, failureBackoff, events),
            calls,
            bulkLoads,
            events);
    Gets<K, V> gets = newGets(executors, refreshes);
    Invalidations<K> invalidations =
        new Invalidations<>(
            context, settings.invalidations().retry(), removals, replayQueue, events, failures);
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
            context, gets, entryReader, bulkLoads, refreshes, executors, recursionGuard, failures),
        new Lookups<>(context, entryReader, tags, replayQueue, nearValues),
        new Explanations<>(
            context,
            settings.name(),
            keyspace,
            entryReader,
            entryCodec,
            freshness,
            new ReadPlans(freshness, failureBackoff),
            loads,
            nearValues,
            replayQueue,
            events),
        new Puts<>(context, lifetimes, entryCodec, entryReader, tags, grants, guard, replayQueue),
        new Updates<>(context, entryReader, entryCodec, replayQueue, removals),
        new TtlChanges<>(context, entryReader, tags, entryCodec, lifetimes, replayQueue),
        invalidations,
        fences,
        new Writes<>(context, barriers, fences, invalidations, removals, replayQueue, failures),
        new HealthChecks(context, replayQueue));
  }

  private Gets<K, V> newGets(LoaderExecutors executors, Refreshes<K, V> refreshes) {
    Settings.Loads<K, V> loading = settings.loads();
    ReadPlans plans = new ReadPlans(freshness, failureBackoff);
    Misses<K, V> misses =
        new Misses<>(
            context,
            loads,
            calls,
            executors,
            grants,
            bulkhead,
            barriers,
            entryCodec,
            scheduledReads,
            loading.leaseTime(),
            isTold,
            events,
            failures);
    return new Gets<>(
        context,
        entryReader,
        grouped,
        tags,
        nearValues,
        replayQueue,
        barriers,
        freshness,
        plans,
        misses,
        new Reloads<>(loads, grants, claims, plans, entryReader, scheduledReads, failures),
        new StandIns<>(
            new StaleReads<>(context, entryReader, freshness, replayQueue, events),
            environment,
            loading.softTimeout(),
            loading.fallback(),
            nearValues,
            events),
        refreshes,
        recursionGuard,
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
    boolean told = guard.store().watch(epochs, maxLag);
    if (nearCache != null && !told) {
      throw new IllegalStateException(
          "nearCache is set and the store does not tell of changes: use a store that does, or no"
              + " nearCache");
    }
    return told;
  }

  /** Returns how many entries there will be, about. */
  private static long stripes(@Nullable NearCache nearCache) {
    return nearCache == null ? 0 : nearCache.maximum() / (nearCache.isWeighed() ? USUAL_BYTES : 1);
  }

  private void becomeCold() {
    bulkhead.becomeCold();
  }

  private void storeAnswersAgain(boolean afterLoss) {
    if (afterLoss) {
      becomeCold();
    }
    replayQueue.storeAnswers();
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
      scheduledReads.changed(key);
    }

    @Override
    public void allChanged(Cause cause) {
      events.allTold(cause);
      scheduledReads.allChanged();
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

  private CompletionStage<EntryReader.Raw> lookAgain(Store store, EntryKey<K> key) {
    return entryReader.ask(
        store, key, isTold ? EntryReader.Manner.WATCHED : entryReader.usualManner());
  }

  CacheStats stats() {
    return events.snapshot(replayQueue.size(), nearValues.size());
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
    underWay.add(replayQueue.lastTry());
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
    ends.add(() -> guard.store().unwatch(epochs));
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
    if (replayQueue.size() > 0) {
      events.invalidationsLost(replayQueue.size());
    }
  }
}
