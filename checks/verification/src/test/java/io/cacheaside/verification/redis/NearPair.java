package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.Stages.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.NearCache;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.redis.RedisStoreBuilder;
import io.cacheaside.store.Store;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Two processes with one cache: one, which is told what to do, invalidates what this one has
 * committed to the source; this one reads near, again and again. Every read is judged: how long
 * before it began had the invalidation returned whose version it does not reflect?
 */
final class NearPair implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("staleness");
  private static final Duration TTL = Duration.ofHours(1);
  private static final long HITS_WHEN_NEAR = 10;
  private static final int READS_AT_A_STRETCH = 16;

  private final Duration maxStaleness;
  private final List<String> keys;
  private final Map<String, Source> sources;
  private final NearWriter writes;
  private final CacheAside<String, String> reading;
  private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(2);
  private final CompletableFuture<?> reader;
  private @Nullable ScheduledFuture<?> writer;
  private volatile boolean ended;
  private volatile Judgement judgement = new Judgement();

  private NearPair(NearWriter writes, Store reads, Duration maxStaleness, List<String> keys) {
    this.maxStaleness = maxStaleness;
    this.keys = keys;
    sources = keys.stream().collect(Collectors.toMap(Function.identity(), key -> new Source()));
    this.writes = writes;
    reading =
        cache(reads)
            .nearCache(NearCache.ofEntries(10_000).maxStaleness(maxStaleness))
            .circuitBreaker(10, Duration.ofMillis(50))
            .build();
    reader = CompletableFuture.runAsync(this::readAll, threads);
  }

  /** The cache of both, without what is near. */
  static CacheAsideBuilder<String, String> cache(Store store) {
    return CacheAside.builder("pair", Codec.string()).store(store).ttl(TTL);
  }

  /** A store for the process that reads. */
  static RedisStoreBuilder reads(String uri) {
    return RedisStore.builder()
        .uri(uri)
        .clientName("reads")
        .commandTimeout(Duration.ofMillis(200))
        .connectTimeout(Duration.ofSeconds(1));
  }

  /**
   * Reads these keys from now on. Nothing is written yet.
   *
   * @param writes closed with the pair
   */
  static NearPair of(NearWriter writes, Store reads, Duration maxStaleness, List<String> keys) {
    return new NearPair(writes, reads, maxStaleness, keys);
  }

  /** What the source has under one key, and since when nobody should get less. */
  private static final class Source {
    private final AtomicLong version = new AtomicLong();
    private final ConcurrentSkipListMap<Long, Long> returnedNanos = new ConcurrentSkipListMap<>();
    private final ConcurrentSkipListMap<Long, Long> toldNanos = new ConcurrentSkipListMap<>();
    private final AtomicLong nearReads = new AtomicLong();

    String value() {
      return String.valueOf(version.get());
    }

    /** Returns since when a version was outdated at a moment; negative if it was not. */
    static long outdatedNanos(
        ConcurrentSkipListMap<Long, Long> since, long version, long startNanos) {
      Map.Entry<Long, Long> next = since.higherEntry(version);
      return next == null ? -1 : startNanos - next.getValue();
    }
  }

  /** What was seen of the reads that have begun since. Written by the reader alone. */
  private static final class Judgement {
    private volatile long reads;
    private volatile long worstNear;
    private volatile long worst;
    private volatile long staleAfterTold;

    @SuppressWarnings("NonAtomicVolatileUpdate") // by one thread
    void add(long staleNanos, boolean near, boolean staleAfterItWasTold) {
      reads++;
      worst = Math.max(worst, staleNanos);
      if (near) {
        worstNear = Math.max(worstNear, staleNanos);
      }
      if (staleAfterItWasTold) {
        staleAfterTold++;
      }
    }
  }

  // ---- Reading --------------------------------------------------------------------------------

  private void readAll() {
    for (int i = 0; !ended; i = (i + 1) % (READS_AT_A_STRETCH * keys.size())) {
      read(keys.get(i % keys.size()));
      if (i % READS_AT_A_STRETCH == 0) {
        Thread.yield();
      }
    }
  }

  private void read(String key) {
    Source source = sources.get(key);
    Judgement current = judgement;
    long nearBefore = reading.stats().nearHits();
    long startNanos = System.nanoTime();
    long version = Long.parseLong(reading.get(key, any -> source.value()));
    boolean near = reading.stats().nearHits() > nearBefore;
    current.add(
        Source.outdatedNanos(source.returnedNanos, version, startNanos),
        near,
        Source.outdatedNanos(source.toldNanos, version, startNanos) > 0);
    if (near) {
      source.nearReads.incrementAndGet();
    }
  }

  // ---- Writing --------------------------------------------------------------------------------

  /** Commits a version and invalidates its key; returns whether that was confirmed. */
  boolean invalidate(String key) {
    return change(key, version -> writes.invalidate(key));
  }

  /** Commits a version and puts it into the cache; returns whether that was confirmed. */
  boolean put(String key) {
    return change(key, version -> writes.put(key, version));
  }

  private boolean change(String key, Function<String, OptionalLong> change) {
    Source source = sources.get(key);
    long version = source.version.incrementAndGet();
    OptionalLong returnedNanos = change.apply(String.valueOf(version));
    returnedNanos.ifPresent(nanos -> source.returnedNanos.put(version, nanos));
    return returnedNanos.isPresent();
  }

  private long confirmed() {
    return sources.values().stream().mapToLong(source -> source.returnedNanos.size()).sum();
  }

  /** Every read that begins from now on must reflect what is committed now. */
  void told(String key) {
    Source source = sources.get(key);
    source.toldNanos.put(source.version.get(), System.nanoTime());
  }

  /** Writes the keys one after the other, over and over, with pauses in between. */
  void writeEvery(Duration pause) {
    int[] next = new int[1];
    writer =
        threads.scheduleWithFixedDelay(
            () -> invalidate(keys.get(next[0]++ % keys.size())),
            0,
            pause.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  /** Waits for the write that is under way, and does not begin another. */
  void stopWriting() {
    ScheduledFuture<?> current = writer;
    if (current != null) {
      if (!current.cancel(false)) {
        throw new AssertionError("a write has failed", catchThrowable(current::get));
      }
      CompletableFuture.runAsync(() -> {}, threads).join();
    }
  }

  // ---- Waiting --------------------------------------------------------------------------------

  /** Waits until near values of every key are served, by now or again. */
  void awaitNear() {
    sources.values().forEach(this::awaitNear);
  }

  /**
   * Waits until changes are confirmed and near values served again, and for long enough that these
   * would be outdated.
   */
  void awaitNearAgain() {
    long before = confirmed();
    eventually().until(() -> confirmed() > before);
    awaitNear();
    pass(maxStaleness.plus(maxStaleness.dividedBy(2)));
  }

  private void awaitNear(Source source) {
    long wanted = source.nearReads.get() + HITS_WHEN_NEAR;
    eventually().until(() -> reader.isDone() || source.nearReads.get() >= wanted);
    assertThat(reader).isNotDone();
  }

  /** Lets the pair work for a while. */
  static void pass(Duration time) {
    new CompletableFuture<>().completeOnTimeout(null, time.toNanos(), TimeUnit.NANOSECONDS).join();
  }

  // ---- Judging --------------------------------------------------------------------------------

  /** No read was stale for longer than it may be, wherever its value came from. */
  void assertFresh(String fault) {
    end(fault);
    assertThat(Duration.ofNanos(judgement.worst)).as(fault).isLessThanOrEqualTo(maxStaleness);
  }

  /** No near read was stale for longer than it may be; what the store has is another matter. */
  void assertNearIsFresh(String fault) {
    end(fault);
    assertThat(Duration.ofNanos(judgement.worstNear)).as(fault).isLessThanOrEqualTo(maxStaleness);
  }

  /** No read was stale that began after the process had been told. */
  void assertNoneIsStaleAfterItWasTold() {
    assertThat(judgement.staleAfterTold).isZero();
  }

  /** Returns for how long a near read was stale, at the worst, and judges anew from now on. */
  Duration worstNearUntilNow(String fault) {
    Judgement before = judgement;
    judgement = new Judgement();
    report(fault, before);
    return Duration.ofNanos(before.worstNear);
  }

  private void end(String fault) {
    stopWriting();
    ended = true;
    reader.join();
    assertThat(confirmed()).as("confirmed changes").isPositive();
    report(fault, judgement);
  }

  private void report(String fault, Judgement seen) {
    LOG.info(
        "{}: allowed {} ms, worst near {} ms, worst of all {} ms; {} invalidations, {} reads, {}"
            + " near",
        fault,
        maxStaleness.toMillis(),
        millis(seen.worstNear),
        millis(seen.worst),
        confirmed(),
        seen.reads,
        sources.values().stream().mapToLong(source -> source.nearReads.get()).sum());
  }

  private static double millis(long nanos) {
    return nanos / 1_000 / 1e3;
  }

  @Override
  public void close() {
    ended = true;
    threads.shutdownNow();
    writes.close();
    reading.close();
  }
}
