package io.cacheaside.micrometer;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheStats;
import io.cacheaside.store.ChangeListener.Cause;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.lang.ref.WeakReference;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Publishes the counts of a cache as Micrometer meters, under the common {@code cache.*} names with
 * the tag {@code cache}, plus a few of our own.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>meter</th><th>counts</th></tr>
 * <tr><td>{@code cache.gets{result=hit|miss}}</td><td>reads</td></tr>
 * <tr><td>{@code cache.puts}</td><td>fills and puts</td></tr>
 * <tr><td>{@code cache.evictions}</td><td>invalidations</td></tr>
 * <tr><td>{@code cache.load{result=success|failure}}</td><td>loads</td></tr>
 * <tr><td>{@code cache.load.duration}</td><td>total time of loads</td></tr>
 * <tr><td>{@code cache.coalesced}</td><td>misses answered by the load of another caller</td></tr>
 * <tr><td>{@code cache.fills.refused}</td><td>stale values that were kept out</td></tr>
 * <tr><td>{@code cache.fills.skipped}</td><td>values not stored for another reason</td></tr>
 * <tr><td>{@code cache.decode.failures}</td><td>unreadable entries</td></tr>
 * <tr><td>{@code cache.store.failures}</td><td>failed store operations</td></tr>
 * <tr><td>{@code cache.store.skips}</td><td>operations that an open breaker spared</td></tr>
 * <tr><td>{@code cache.stale}</td><td>stale values returned</td></tr>
 * <tr><td>{@code cache.fallbacks}</td><td>fallback values returned</td></tr>
 * <tr><td>{@code cache.refreshes}</td><td>loads in the background</td></tr>
 * <tr><td>{@code cache.failures.shared}</td><td>reads that shared a failure</td></tr>
 * <tr><td>{@code cache.loads.rejected}</td><td>loads that found no place</td></tr>
 * <tr><td>{@code cache.loads.cancelled}</td><td>loads nobody waited for any more</td></tr>
 * <tr><td>{@code cache.invalidations.replayed}</td><td>repeated with success</td></tr>
 * <tr><td>{@code cache.invalidations.unconfirmed}</td><td>waiting to be repeated; a gauge</td></tr>
 * <tr><td>{@code cache.near.hits}</td><td>hits that needed no store</td></tr>
 * <tr><td>{@code cache.near.entries}</td><td>entries in the near cache; a gauge</td></tr>
 * <tr><td>{@code cache.near.evictions}</td><td>near entries dropped for lack of room</td></tr>
 * <tr><td>{@code cache.changes.told}</td><td>changes that the store has told of</td></tr>
 * <tr><td>{@code cache.near.flushes{cause=...}}</td><td>times at which all near entries were
 * outdated</td></tr>
 * <tr><td>{@code cache.changes.untold}</td><td>total time without news of changes</td></tr>
 * <tr><td>{@code cache.changes.propagation{le=...}}</td><td>proofs that changes were told within
 * so many seconds, smaller ones included</td></tr>
 * </table>
 *
 * <p>Holds cache and registry weakly, as Micrometer's binders do. Thread-safe.
 */
@SuppressWarnings("exports") // optional: a module that calls this requires Micrometer itself
public final class CacheAsideMetrics implements AutoCloseable {
  /** What is registered at the moment. Holds registries weakly, and has nothing that holds them. */
  private static final Map<MeterRegistry, Map<Tags, CacheAsideMetrics>> REGISTERED =
      new WeakHashMap<>();

  private final WeakReference<MeterRegistry> registry;
  private final Tags tags;
  private final List<Meter.Id> meters = new ArrayList<>();

  private CacheAsideMetrics(MeterRegistry registry, Tags tags) {
    this.registry = new WeakReference<>(registry);
    this.tags = tags;
  }

  /**
   * Registers the meters of a cache. They take the place of those that were registered before with
   * the same registry, cache name and tags: a cache that is closed and built again has its own
   * counts. Give caches of the same name that are open together different tags.
   *
   * @param tags further tags of all its meters
   * @return what removes these meters again
   */
  public static CacheAsideMetrics monitor(
      MeterRegistry registry, CacheAside<?, ?> cache, Tag... tags) {
    Tags all = Tags.of(tags).and("cache", cache.name());
    CacheAsideMetrics metrics = new CacheAsideMetrics(registry, all);
    synchronized (REGISTERED) {
      CacheAsideMetrics before =
          REGISTERED.computeIfAbsent(registry, first -> new HashMap<>()).put(all, metrics);
      if (before != null) {
        before.meters.forEach(registry::remove);
      }
      new Own(registry, cache, all, metrics.meters).register();
    }
    return metrics;
  }

  /**
   * Removes the meters from their registry, unless others have taken their place. Idempotent; does
   * not close the cache.
   */
  @Override
  public void close() {
    MeterRegistry from = registry.get();
    if (from != null) {
      synchronized (REGISTERED) {
        Map<Tags, CacheAsideMetrics> current = REGISTERED.getOrDefault(from, Map.of());
        if (current.get(tags) == this) {
          current.remove(tags);
          meters.forEach(from::remove);
        }
      }
    }
  }

  /** The meters of one cache: those with common names, and those that only this library has. */
  private record Own(
      MeterRegistry registry, CacheAside<?, ?> cache, Tags tags, List<Meter.Id> meters) {

    void register() {
      counter("cache.gets", "reads", CacheStats::hits, Tag.of("result", "hit"));
      counter("cache.gets", "reads", CacheStats::misses, Tag.of("result", "miss"));
      counter("cache.puts", "fills and puts", stats -> stats.fills() + stats.puts());
      counter("cache.evictions", "invalidations", CacheStats::invalidations);
      counter("cache.load", "loads", CacheStats::loads, Tag.of("result", "success"));
      counter("cache.load", "loads", CacheStats::loadFailures, Tag.of("result", "failure"));
      counter("cache.coalesced", "misses answered by another's load", CacheStats::coalesced);
      counter("cache.fills.refused", "stale values kept out", CacheStats::refusedFills);
      counter("cache.fills.skipped", "loaded values not stored", CacheStats::skippedFills);
      counter("cache.decode.failures", "unreadable entries", CacheStats::decodeFailures);
      counter("cache.store.failures", "failed store operations", CacheStats::storeFailures);
      counter("cache.store.skips", "spared store operations", CacheStats::storeSkips);
      counter("cache.stale", "stale values returned", CacheStats::staleServed);
      counter("cache.fallbacks", "fallback values returned", CacheStats::fallbacksServed);
      counter("cache.refreshes", "loads in the background", CacheStats::refreshes);
      counter("cache.failures.shared", "failures shared by reads", CacheStats::sharedFailures);
      counter("cache.loads.rejected", "loads without a place", CacheStats::rejectedLoads);
      counter("cache.loads.cancelled", "loads nobody waited for", CacheStats::cancelledLoads);
      counter(
          "cache.invalidations.replayed",
          "invalidations repeated with success",
          CacheStats::replayedInvalidations);
      gauge(
          "cache.invalidations.unconfirmed",
          "invalidations waiting to be repeated",
          CacheStats::unconfirmedInvalidations);
      time("cache.load.duration", "total time of loads", CacheStats::loadTime);
      registerNear();
    }

    private void registerNear() {
      counter("cache.near.hits", "hits that needed no store", CacheStats::nearHits);
      counter("cache.near.evictions", "near entries dropped", CacheStats::nearEvictions);
      counter("cache.changes.told", "changes the store has told of", CacheStats::changesTold);
      for (Cause cause : Cause.values()) {
        counter(
            "cache.near.flushes",
            "times at which all near entries were outdated",
            stats -> stats.flushes().getOrDefault(cause, 0L),
            Tag.of("cause", cause.name().toLowerCase(Locale.ROOT)));
      }
      gauge("cache.near.entries", "entries in the near cache", CacheStats::nearEntries);
      time("cache.changes.untold", "time without news of changes", CacheStats::timeUntold);
      registerPropagation();
    }

    private void registerPropagation() {
      List<Duration> bounds = cache.stats().propagation().upperBounds();
      for (int range = 0; range <= bounds.size(); range++) {
        int last = range;
        String bound = range < bounds.size() ? seconds(bounds.get(range)) : "+Inf";
        counter(
            "cache.changes.propagation",
            "proofs that changes were told within so many seconds",
            stats ->
                stats.propagation().counts().stream()
                    .limit(last + 1L)
                    .mapToLong(Long::longValue)
                    .sum(),
            Tag.of("le", bound));
      }
    }

    private static String seconds(Duration time) {
      return BigDecimal.valueOf(time.toNanos(), 9).stripTrailingZeros().toPlainString();
    }

    private void time(String name, String description, Function<CacheStats, Duration> what) {
      add(
          TimeGauge.builder(
                  name,
                  cache,
                  TimeUnit.NANOSECONDS,
                  measured -> what.apply(measured.stats()).toNanos())
              .tags(tags)
              .description(description)
              .register(registry));
    }

    private void counter(
        String name, String description, ToDoubleFunction<CacheStats> what, Tag... more) {
      add(
          FunctionCounter.builder(name, cache, counted -> what.applyAsDouble(counted.stats()))
              .tags(tags.and(more))
              .description(description)
              .register(registry));
    }

    private void gauge(String name, String description, ToDoubleFunction<CacheStats> what) {
      add(
          Gauge.builder(name, cache, measured -> what.applyAsDouble(measured.stats()))
              .tags(tags)
              .description(description)
              .register(registry));
    }

    private void add(Meter meter) {
      meters.add(meter.getId());
    }
  }
}
