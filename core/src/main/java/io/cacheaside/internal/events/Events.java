package io.cacheaside.internal.events;

import io.cacheaside.CacheListener;
import io.cacheaside.CacheStats;
import io.cacheaside.Environment;
import io.cacheaside.LoadTimeoutException;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.entry.LossyCodecException;
import io.cacheaside.internal.entry.Printable;
import io.cacheaside.store.ChangeListener.Cause;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Counts what happens in a cache, tells its listener, and logs it. */
public final class Events<K> {
  private static final CacheListener<Object> NO_LISTENER = new CacheListener<>() {};
  private static final Logger LOG = LoggerFactory.getLogger("io.cacheaside.CacheAside");
  private static final int MAX_LOSSY_COMPONENTS = 100;

  private final String cacheName;
  private final Store store;
  private final CacheListener<? super K> listener;
  private final Environment environment;
  private final byte @Nullable [] redactionSalt;

  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder loads = new LongAdder();
  private final LongAdder loadFailures = new LongAdder();
  private final LongAdder loadNanos = new LongAdder();
  private final LongAdder coalesced = new LongAdder();
  private final LongAdder fills = new LongAdder();
  private final LongAdder puts = new LongAdder();
  private final LongAdder refusedFills = new LongAdder();
  private final LongAdder skippedFills = new LongAdder();
  private final LongAdder invalidations = new LongAdder();
  private final LongAdder decodeFailures = new LongAdder();
  private final LongAdder storeFailures = new LongAdder();
  private final LongAdder storeSkips = new LongAdder();
  private final LongAdder staleServed = new LongAdder();
  private final LongAdder fallbacksServed = new LongAdder();
  private final LongAdder refreshes = new LongAdder();
  private final LongAdder sharedFailures = new LongAdder();
  private final LongAdder rejectedLoads = new LongAdder();
  private final LongAdder cancelledLoads = new LongAdder();
  private final LongAdder replayedInvalidations = new LongAdder();

  private final LongAdder nearHits = new LongAdder();
  private final LongAdder nearEvictions = new LongAdder();
  private final LongAdder changesTold = new LongAdder();
  private final Map<Cause, LongAdder> flushes = counters();
  private final LongAdder untoldNanos = new LongAdder();
  private final Latencies propagation = new Latencies();

  private final RateLimit loadWarnings = new RateLimit();
  private final RateLimit fillWarnings = new RateLimit();
  private final RateLimit decodeWarnings = new RateLimit();
  private final RateLimit storeWarnings = new RateLimit();
  private final RateLimit invalidationErrors = new RateLimit();
  private final RateLimit listenerWarnings = new RateLimit();
  private final RateLimit cancelWarnings = new RateLimit();

  /** What codecs do not read back, as far as it was logged. */
  private final Set<String> lossyComponents = ConcurrentHashMap.newKeySet();

  /** When it was first logged that the store fails; null if that is over, or was not logged. */
  private final AtomicReference<@Nullable Long> storeFailedNanos = new AtomicReference<>();

  /** Whether a stack trace of an invalidation that failed was logged since one was repeated. */
  private final AtomicBoolean traced = new AtomicBoolean();

  public Events(
      String cacheName,
      Store store,
      CacheListener<? super K> listener,
      Environment environment,
      boolean redactKeys) {
    this.cacheName = cacheName;
    this.store = store;
    this.listener = listener;
    this.environment = environment;
    this.redactionSalt = redactKeys ? newSalt(environment) : null;
  }

  private static byte[] newSalt(Environment environment) {
    byte[] salt = new byte[16];
    environment.uniqueBytes(salt);
    return salt;
  }

  public static CacheListener<Object> noListener() {
    return NO_LISTENER;
  }

  /**
   * Returns all counts.
   *
   * @param unconfirmed how many invalidations are waiting to be repeated
   * @param nearEntries how many entries are near
   */
  public CacheStats snapshot(long unconfirmed, long nearEntries) {
    return new Counts(
        hits.sum() + nearHits.sum(),
        misses.sum(),
        loads.sum(),
        loadFailures.sum(),
        Duration.ofNanos(loadNanos.sum()),
        coalesced.sum(),
        fills.sum(),
        puts.sum(),
        refusedFills.sum(),
        skippedFills.sum(),
        invalidations.sum(),
        decodeFailures.sum(),
        storeFailures.sum(),
        storeSkips.sum(),
        staleServed.sum(),
        fallbacksServed.sum(),
        refreshes.sum(),
        sharedFailures.sum(),
        rejectedLoads.sum(),
        cancelledLoads.sum(),
        replayedInvalidations.sum(),
        unconfirmed,
        nearHits.sum(),
        nearEntries,
        nearEvictions.sum(),
        changesTold.sum(),
        flushes(),
        Duration.ofNanos(untoldNanos.sum()),
        propagation.snapshot());
  }

  private static Map<Cause, LongAdder> counters() {
    Map<Cause, LongAdder> counters = new EnumMap<>(Cause.class);
    for (Cause cause : Cause.values()) {
      counters.put(cause, new LongAdder());
    }
    return counters;
  }

  private Map<Cause, Long> flushes() {
    Map<Cause, Long> counts = new EnumMap<>(Cause.class);
    flushes.forEach((cause, count) -> counts.put(cause, count.sum()));
    return counts;
  }

  public void nearHit(K key) {
    nearHits.increment();
    if (listener != NO_LISTENER) {
      tell(l -> l.onHit(key));
    }
  }

  public void evicted() {
    nearEvictions.increment();
  }

  public void told() {
    changesTold.increment();
  }

  public void allTold(Cause cause) {
    Objects.requireNonNull(flushes.get(cause)).increment();
  }

  public void untold(Duration time) {
    untoldNanos.add(time.toNanos());
  }

  public void toldWithin(Duration time) {
    propagation.add(time);
  }

  public void hit(EntryKey<K> key) {
    hits.increment();
    debug("hit", key);
    tell(l -> l.onHit(key.key()));
  }

  public void missed(EntryKey<K> key) {
    misses.increment();
    debug("miss", key);
    tell(l -> l.onMiss(key.key()));
  }

  public void coalesced() {
    coalesced.increment();
  }

  public void servedStale(EntryKey<K> key, Duration age) {
    staleServed.increment();
    tell(l -> l.onStale(key.key(), age));
  }

  public void servedFallback(EntryKey<K> key) {
    fallbacksServed.increment();
    debug("fallback", key);
  }

  public void refreshed(EntryKey<K> key) {
    refreshes.increment();
    debug("refresh", key);
  }

  void failureShared() {
    sharedFailures.increment();
  }

  void loadRejected() {
    rejectedLoads.increment();
  }

  public void loadCancelled() {
    cancelledLoads.increment();
  }

  public void storeNotAsked() {
    storeSkips.increment();
  }

  public void loaded(EntryKey<K> key, Duration duration) {
    loads.increment();
    loadNanos.add(duration.toNanos());
    tell(l -> l.onLoad(key.key(), duration));
  }

  public void loadFailed(EntryKey<K> key, Duration duration, Throwable failure) {
    countLoadFailure(duration);
    tellLoadFailure(key, duration, failure);
  }

  /** Counts at once and tells the listener later: this comes from a timer. */
  public void loadTimedOut(
      EntryKey<K> key, Duration duration, LoadTimeoutException timeout, Executor executor) {
    countLoadFailure(duration);
    executor.execute(() -> tellLoadFailure(key, duration, timeout));
  }

  private void countLoadFailure(Duration duration) {
    loadFailures.increment();
    loadNanos.add(duration.toNanos());
  }

  private void tellLoadFailure(EntryKey<K> key, Duration duration, Throwable failure) {
    warn(loadWarnings, log -> keyed(log, key).log("load failed: {}", failure.toString()));
    tell(l -> l.onLoadFailure(key.key(), duration, failure));
  }

  /** Runs what a loader has given to cancel it. */
  public void cancel(EntryKey<K> key, Runnable action) {
    try {
      action.run();
    } catch (Throwable failure) {
      warn(
          cancelWarnings, log -> keyed(log, key).setCause(failure).log("an onCancel action threw"));
    }
  }

  public void filled() {
    fills.increment();
  }

  public void put() {
    puts.increment();
  }

  public void fillRefused(EntryKey<K> key) {
    refusedFills.increment();
    debug("a value loaded before an invalidation was not stored", key);
    tell(l -> l.onRefusedFill(key.key()));
  }

  /** A loaded value was not stored because the store failed, which is reported on its own. */
  public void fillLost() {
    skippedFills.increment();
  }

  public void fillSkipped(EntryKey<K> key, Throwable reason) {
    skippedFills.increment();
    if (!(reason instanceof LossyCodecException lossy)) {
      warn(fillWarnings, log -> named(log, key, "value not cached", reason));
    } else if (isNamedFirst(lossy.component())) {
      guarded(() -> named(warning(0), key, "value not cached", reason));
    }
    tell(l -> l.onSkippedFill(key.key(), reason));
  }

  /** Notes that a component is named; false if it has been, or if too many others have. */
  private boolean isNamedFirst(String component) {
    return lossyComponents.size() < MAX_LOSSY_COMPONENTS && lossyComponents.add(component);
  }

  public void decodeFailed(EntryKey<K> key, Throwable failure) {
    decodeFailures.increment();
    warn(decodeWarnings, log -> named(log, key, "entry not readable", failure));
    tell(l -> l.onDecodeFailure(key.key(), failure));
  }

  public void invalidated(String what, int count) {
    invalidations.add(count);
    tell(l -> l.onInvalidate(what));
  }

  /** Logs the first failure with its stack trace, and further ones every ten seconds at most. */
  public void invalidationFailed(String what, Throwable failure) {
    long suppressed = invalidationErrors.pass(environment.nanoTime());
    if (suppressed >= 0) {
      guarded(() -> logInvalidationFailure(what, failure, suppressed));
    }
    tell(l -> l.onInvalidationFailure(what, failure));
  }

  private void logInvalidationFailure(String what, Throwable failure, long suppressed) {
    LoggingEventBuilder log =
        LOG.atError().addKeyValue("cache", cacheName).addKeyValue("suppressed", suppressed);
    if (traced.compareAndSet(false, true)) {
      log = log.setCause(failure);
    }
    if (isForClosedStore(failure)) {
      log.log(
          "invalidation of {} failed: the store is closed, so it cannot be repeated. Close a cache"
              + " before its store",
          what);
    } else if (suppressed == 0) {
      log.log("invalidation of {} failed: it is repeated until it succeeds", what);
    } else {
      log.log(
          "invalidation of {} failed, and {} more before it: they are repeated until they succeed",
          what,
          suppressed);
    }
  }

  private static boolean isForClosedStore(Throwable failure) {
    return failure.getCause() instanceof StoreException cause
        && cause.reason() == StoreException.Reason.CLOSED;
  }

  public void invalidationQueued(String what) {
    tell(l -> l.onInvalidationQueued(what));
  }

  public void countReplayed(int invalidations) {
    replayedInvalidations.add(invalidations);
  }

  public void invalidationReplayed(String what) {
    invalidationErrors.reset();
    traced.set(false);
    LOG.atInfo()
        .addKeyValue("cache", cacheName)
        .log("invalidation of {}, which had failed, was repeated with success", what);
    tell(l -> l.onInvalidationReplayed(what));
  }

  /** The cache ends with invalidations that the store has never confirmed. */
  public void invalidationsLost(int count) {
    LOG.atError()
        .addKeyValue("cache", cacheName)
        .log("closed with {} invalidations that the store has not confirmed", count);
  }

  public void storeFailed(String operation, Throwable failure) {
    storeFailures.increment();
    warn(
        storeWarnings,
        log -> {
          storeFailedNanos.compareAndSet(null, environment.nanoTime());
          log.addKeyValue("operation", operation)
              .log("store failed: {} (cache '{}', {})", failure.toString(), cacheName, store);
        });
    tell(l -> l.onStoreFailure(operation, failure));
  }

  /** The store does again what it was asked to; said if it was said that it does not. */
  public void storeAnswersAgain() {
    Long since = storeFailedNanos.get() == null ? null : storeFailedNanos.getAndSet(null);
    if (since != null) {
      long seconds = Duration.ofNanos(environment.nanoTime() - since).toSeconds();
      guarded(
          () ->
              LOG.atInfo()
                  .addKeyValue("cache", cacheName)
                  .log("store works again after {} s (cache '{}', {})", seconds, cacheName, store));
    }
  }

  /** Returns a key as it may appear in logs and messages. */
  public String describe(EntryKey<?> key) {
    return describe(textOf(key));
  }

  /** Code of users turns the key into text; if that fails, it is called what the store calls it. */
  private static String textOf(EntryKey<?> key) {
    try {
      return String.valueOf(key.key());
    } catch (Throwable failure) {
      return key.text();
    }
  }

  public String describe(String key) {
    return redactionSalt == null ? Printable.of(key) : "#" + digest(redactionSalt, key);
  }

  private static String digest(byte[] salt, String text) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(salt);
      byte[] hash = sha256.digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private void debug(String message, EntryKey<?> key) {
    if (LOG.isDebugEnabled()) {
      guarded(() -> keyed(LOG.atDebug().addKeyValue("cache", cacheName), key).log(message));
    }
  }

  /** Names cache and key in the message as well: many log formats leave key-value pairs out. */
  private void named(LoggingEventBuilder log, EntryKey<?> key, String what, Throwable reason) {
    keyed(log, key)
        .log("cache '{}', key '{}': {}: {}", cacheName, describe(key), what, reason.toString());
  }

  private LoggingEventBuilder keyed(LoggingEventBuilder log, EntryKey<?> key) {
    return log.addKeyValue("key", describe(key));
  }

  private void warn(RateLimit limit, Consumer<LoggingEventBuilder> message) {
    long suppressed = limit.pass(environment.nanoTime());
    if (suppressed >= 0) {
      guarded(() -> message.accept(warning(suppressed)));
    }
  }

  private LoggingEventBuilder warning(long suppressed) {
    return LOG.atWarn().addKeyValue("cache", cacheName).addKeyValue("suppressed", suppressed);
  }

  /** The context of a reader could not be captured; its loader runs without. */
  public void contextLost(Throwable failure) {
    warn(listenerWarnings, log -> log.setCause(failure).log("contextPropagation threw"));
  }

  private void tell(Consumer<CacheListener<? super K>> event) {
    if (listener != NO_LISTENER) {
      try {
        event.accept(listener);
      } catch (Throwable failure) {
        warn(listenerWarnings, log -> log.setCause(failure).log("a listener threw"));
      }
    }
  }

  /**
   * Logs what has the text of users in it, which may throw; the cache goes on without the record.
   */
  private void guarded(Runnable record) {
    try {
      record.run();
    } catch (Throwable failure) {
      LOG.warn("a record about cache '{}' was lost: {}", cacheName, failure.getClass().getName());
    }
  }
}
