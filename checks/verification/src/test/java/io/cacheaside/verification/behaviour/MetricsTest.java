package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cacheaside.CacheAside;
import io.cacheaside.NearCache;
import io.cacheaside.codec.Codec;
import io.cacheaside.micrometer.CacheAsideMetrics;
import io.cacheaside.store.ChangeListener;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.Store;
import io.cacheaside.testkit.ForwardingStore;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Micrometer is told: the counts of the cache, under the common names. */
@org.junit.jupiter.api.Tag("unit")
class MetricsTest {
  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final CacheAside<String, String> cache =
      CacheAside.builder("metered", Codec.string()).build();

  @BeforeEach
  void monitor() {
    CacheAsideMetrics.monitor(registry, cache, Tag.of("region", "here"));
  }

  @AfterEach
  void close() {
    cache.close();
  }

  @Test
  void readsLoadsAndInvalidationsAreCounted() {
    cache.get("k", key -> "v");
    cache.get("k", key -> "v");
    cache.get("k", key -> "v");
    cache.invalidate("k");

    assertThat(count("cache.gets", "result", "hit")).isEqualTo(2);
    assertThat(count("cache.gets", "result", "miss")).isEqualTo(1);
    assertThat(count("cache.puts")).isEqualTo(1);
    assertThat(count("cache.evictions")).isEqualTo(1);
    assertThat(count("cache.load", "result", "success")).isEqualTo(1);
    assertThat(count("cache.load", "result", "failure")).isZero();
    assertThat(registry.get("cache.load.duration").timeGauge().value(TimeUnit.NANOSECONDS))
        .isPositive()
        .isCloseTo((double) cache.stats().loadTime().toNanos(), within(1.0));
  }

  @Test
  void aValueKeptOutAfterAnInvalidationIsCounted() {
    cache.get(
        "k",
        key -> {
          cache.invalidate(key);
          return "old";
        });

    assertThat(count("cache.fills.refused")).isEqualTo(1);
    assertThat(count("cache.fills.skipped")).isZero();
    assertThat(count("cache.coalesced")).isZero();
    assertThat(count("cache.decode.failures")).isZero();
    assertThat(count("cache.store.failures")).isZero();
  }

  @Test
  void staleValuesAndRefreshesAreCounted() {
    try (CacheAside<String, String> stale =
        CacheAside.builder("stale", Codec.string())
            .staleWhileRevalidate(Duration.ofMinutes(1))
            .build()) {
      CacheAsideMetrics.monitor(registry, stale);
      stale.get("k", key -> "v");
      stale.markStale("k");

      assertThat(stale.get("k", key -> "w")).isEqualTo("v");

      CacheTest.eventually(
          () -> assertThat(countOf("stale", "cache.refreshes").count()).isEqualTo(1));
      assertThat(countOf("stale", "cache.stale").count()).isEqualTo(1);
      assertThat(countOf("stale", "cache.loads.cancelled").count()).isZero();
      assertThat(countOf("stale", "cache.loads.rejected").count()).isZero();
      assertThat(countOf("stale", "cache.fallbacks").count()).isZero();
      assertThat(countOf("stale", "cache.failures.shared").count()).isZero();
      assertThat(countOf("stale", "cache.store.skips").count()).isZero();
      assertThat(countOf("stale", "cache.invalidations.replayed").count()).isZero();
      assertThat(registry.get("cache.invalidations.unconfirmed").gauge().value()).isZero();
    }
  }

  @Test
  void whatIsNearIsCounted() {
    try (CacheAside<String, String> near =
        CacheAside.builder("near", Codec.string()).nearCache(NearCache.ofEntries(10)).build()) {
      CacheAsideMetrics.monitor(registry, near);
      near.put("k", "v");
      for (int i = 0; i < 3; i++) {
        near.get("k", CacheTest::notLoaded);
      }

      assertThat(countOf("near", "cache.near.hits").count()).isEqualTo(2);
      assertThat(countOf("near", "cache.near.evictions").count()).isZero();
      assertThat(countOf("near", "cache.changes.told").count())
          .isEqualTo(near.stats().changesTold())
          .isPositive();
      assertThat(registry.get("cache.near.entries").tag("cache", "near").gauge().value()).isOne();
    }
  }

  @Test
  void timesWithinWhichChangesWereToldAreCountedByRange() {
    AtomicReference<ChangeListener> told = new AtomicReference<>();
    Store store =
        new ForwardingStore(InMemoryStore.create()) {
          @Override
          public boolean watch(ChangeListener listener, Duration maxLag) {
            told.set(listener);
            return super.watch(listener, maxLag);
          }
        };
    try (store;
        CacheAside<String, String> near =
            CacheAside.builder("told", Codec.string())
                .store(store)
                .nearCache(NearCache.ofEntries(10))
                .build()) {
      CacheAsideMetrics.monitor(registry, near);

      told.get().toldWithin(Duration.ofNanos(100_000));
      told.get().toldWithin(Duration.ofNanos(100_001));
      told.get().toldWithin(Duration.ofMinutes(1));

      assertThat(toldWithin("0.0001")).isEqualTo(1);
      assertThat(toldWithin("0.00025")).isEqualTo(2);
      assertThat(toldWithin("10")).isEqualTo(2);
      assertThat(toldWithin("+Inf")).isEqualTo(3);
    }
  }

  @Test
  void aCacheThatIsBuiltAgainHasItsOwnCounts() {
    for (int round = 1; round <= 3; round++) {
      try (CacheAside<String, String> again = CacheAside.builder("again", Codec.string()).build()) {
        CacheAsideMetrics.monitor(registry, again);
        again.put("k", "v");
        for (int i = 0; i < round; i++) {
          again.get("k", key -> "not loaded");
        }

        assertThat(registry.get("cache.gets").tags("cache", "again", "result", "hit"))
            .extracting(search -> search.functionCounter().count())
            .isEqualTo((double) round);
      }
    }
  }

  @Test
  void metersCanBeRemoved() {
    int before = registry.getMeters().size();
    try (CacheAside<String, String> other = CacheAside.builder("other", Codec.string()).build()) {
      CacheAsideMetrics metrics = CacheAsideMetrics.monitor(registry, other);
      assertThat(registry.getMeters()).hasSizeGreaterThan(before);

      metrics.close();
      metrics.close();

      assertThat(registry.getMeters()).hasSize(before);
    }
  }

  @Test
  void metersThatOthersHaveReplacedAreNotRemoved() {
    CacheAsideMetrics first = CacheAsideMetrics.monitor(registry, cache, Tag.of("zone", "a"));
    int before = registry.getMeters().size();
    CacheAsideMetrics second = CacheAsideMetrics.monitor(registry, cache, Tag.of("zone", "a"));

    first.close();

    assertThat(registry.getMeters()).hasSize(before);
    second.close();
    assertThat(registry.getMeters()).hasSizeLessThan(before);
    assertThat(count("cache.puts")).isZero();
  }

  private double toldWithin(String seconds) {
    return registry
        .get("cache.changes.propagation")
        .tags("cache", "told", "le", seconds)
        .functionCounter()
        .count();
  }

  private FunctionCounter countOf(String cacheName, String meter) {
    return registry.get(meter).tags("cache", cacheName).functionCounter();
  }

  private double count(String meter, String... tags) {
    return registry
        .get(meter)
        .tags("cache", "metered", "region", "here")
        .tags(tags)
        .functionCounter()
        .count();
  }
}
