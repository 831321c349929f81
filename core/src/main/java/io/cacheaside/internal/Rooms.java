package io.cacheaside.internal;

import io.cacheaside.Environment;
import io.cacheaside.InvalidationFailures;
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
import io.cacheaside.internal.invalidate.Barriers;
import io.cacheaside.internal.invalidate.Fences;
import io.cacheaside.internal.invalidate.Invalidations;
import io.cacheaside.internal.invalidate.Removals;
import io.cacheaside.internal.invalidate.ReplayQueue;
import io.cacheaside.internal.lease.FailureBackoff;
import io.cacheaside.internal.lease.Filler;
import io.cacheaside.internal.lease.Leases;
import io.cacheaside.internal.lease.RefreshClaims;
import io.cacheaside.internal.lease.RefreshGrants;
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
import io.cacheaside.internal.operation.PresentReads;
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
import io.cacheaside.internal.read.ValueReader;
import io.cacheaside.internal.threads.LastingExecutor;
import io.cacheaside.store.ChangeListener;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.Store;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Creates the parts of one cache, each after those that it needs: the constructor up to loads,
 * {@link #newOperations} what callers can ask. A part is handed plain values, parts that are there
 * already, and callbacks for what it tells others.
 *
 * <p>Nothing in here blocks or has a thread, a clock or randomness of its own. The steps of an
 * operation run on its {@link Caller}, all else on the executor.
 */
final class Rooms<K, V> {
  /** How many bytes of a near cache an entry takes, about. */
  private static final int USUAL_BYTES = 512;

  private final Settings<K, V> settings;
  private final Environment environment;
  final Executor executor;
  private final Keyspace<K> keyspace;
  final EntryCodec<K, V> entryCodec;
  private final Tags<K> tags;
  private final Lifetimes<K, V> lifetimes;
  private final Barriers<K, V> barriers;
  private final RefreshGrants<K, V> grants;
  final Events<K> events;
  private final Failures<K> failures;
  final GuardedStore guard;
  private final Leases leases;
  final Loads<K, V> loads;
  final Epochs epochs;
  final Lifecycle lifecycle;
  private final Operation.Context context;
  private final Freshness freshness;
  private final EntryReader<K, V> entryReader;
  private final ValueReader<K, V> valueReader;
  private final CoalescedReads<K, EntryReader.Raw> coalescedReads;
  private final Removals<K> removals;
  private final FailureBackoff failureBackoff;
  private final RecursionGuard recursionGuard;
  private final LoaderCalls<K, V> calls;
  private final BulkLoads<K, V> bulkLoads;
  private final RefreshClaims<K, V> claims;
  private final Bulkhead bulkhead;
  final ReplayQueue<K> replayQueue;
  private final ScheduledReads<K, EntryReader.Raw> scheduledReads;
  final NearValues<K, V> nearValues;

  /** Whether the store tells of changes; set before the first read. */
  private boolean isTold;

  /** Creates all parts up to loads. */
  Rooms(Settings<K, V> settings) {
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
        new EntryReader<>(entryCodec, tags, freshness, epochs, environment, nearCache != null);
    valueReader = new ValueReader<>(entryCodec, events);
    coalescedReads =
        new CoalescedReads<>(
            (store, key) -> entryReader.ask(store, key, entryReader.usualManner()));

    scheduledReads = new ScheduledReads<>(guard, epochs, environment, executor, this::readAgain);

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
    leases = new Leases(guard, entryCodec, failureBackoff, loading.leaseTime());
    grants = new RefreshGrants<>(keyspace, leases, valueReader, barriers, events);

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
    calls = new LoaderCalls<>(runs, valueReader, tags, failures);
    bulkLoads = new BulkLoads<>(runs, guard, failures);
    claims = new RefreshClaims<>(context, entryCodec, leases);
  }

  /**
   * Returns what callers can ask of this cache.
   *
   * @param backgroundThreads where loads in the background may block; null if nowhere of its own
   * @param isTold whether the store tells of changes
   */
  Operations<K, V> newOperations(@Nullable ExecutorService backgroundThreads, boolean isTold) {
    this.isTold = isTold;
    Settings.Loads<K, V> loading = settings.loads();
    LoaderExecutors executors =
        new LoaderExecutors(
            executor, loading.executor(), backgroundThreads, loading.contextPropagation(), events);
    Refreshes<K, V> refreshes = newRefreshes(executors);
    Gets<K, V> gets = newGets(executors, refreshes);
    Invalidations<K> invalidations =
        new Invalidations<>(
            context,
            settings.invalidations().retry(),
            settings.invalidations().failures() == InvalidationFailures.THROW,
            removals,
            replayQueue,
            events,
            failures);
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
        newBulkGets(executors, gets, refreshes),
        newPresentReads(),
        new Lookups<>(context, entryReader, valueReader, tags, replayQueue, nearValues),
        newExplanations(),
        new Puts<>(
            context, lifetimes, entryCodec, entryReader, tags, leases, guard, replayQueue, events),
        new Updates<>(context, entryReader, valueReader, entryCodec, replayQueue, removals),
        new TtlChanges<>(context, entryReader, tags, entryCodec, lifetimes, replayQueue),
        invalidations,
        fences,
        new Writes<>(context, barriers, fences, invalidations, removals, replayQueue, failures),
        new HealthChecks(context, replayQueue));
  }

  private BulkGets<K, V> newBulkGets(
      LoaderExecutors executors, Gets<K, V> gets, Refreshes<K, V> refreshes) {
    return new BulkGets<>(
        context,
        gets,
        entryReader,
        bulkLoads,
        calls,
        refreshes,
        executors,
        recursionGuard,
        failures,
        settings.loads().maxConcurrent());
  }

  private PresentReads<K, V> newPresentReads() {
    return new PresentReads<>(
        context,
        entryReader,
        valueReader,
        new ReadPlans(freshness, failureBackoff),
        nearValues,
        replayQueue,
        events);
  }

  private Refreshes<K, V> newRefreshes(LoaderExecutors executors) {
    return new Refreshes<>(
        context,
        executor,
        executors,
        new BackgroundClaims<>(context, grants, loads, claims, bulkhead, failureBackoff, events),
        calls,
        bulkLoads,
        events);
  }

  private Explanations<K, V> newExplanations() {
    return new Explanations<>(
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
        events);
  }

  private Misses<K, V> newMisses(LoaderExecutors executors) {
    return new Misses<>(
        context,
        loads,
        calls,
        executors,
        leases,
        bulkhead,
        barriers,
        entryCodec,
        scheduledReads,
        settings.loads().leaseTime(),
        isTold,
        events,
        failures);
  }

  private Gets<K, V> newGets(LoaderExecutors executors, Refreshes<K, V> refreshes) {
    Settings.Loads<K, V> loading = settings.loads();
    ReadPlans plans = new ReadPlans(freshness, failureBackoff);
    return new Gets<>(
        context,
        entryReader,
        valueReader,
        coalescedReads,
        tags,
        nearValues,
        replayQueue,
        barriers,
        freshness,
        plans,
        newMisses(executors),
        new Reloads<>(loads, grants, claims, plans, entryReader, scheduledReads, failures),
        new StandIns<>(
            new StaleReads<>(context, entryReader, valueReader, freshness, replayQueue, events),
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

  private CompletionStage<EntryReader.Raw> readAgain(Store store, EntryKey<K> key) {
    return entryReader.ask(
        store, key, isTold ? EntryReader.Manner.WATCHED : entryReader.usualManner());
  }
}
