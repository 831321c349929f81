package io.cacheaside.simulation.scale;

import io.cacheaside.CacheAside;
import io.cacheaside.Environment;
import io.cacheaside.NearCache;
import io.cacheaside.codec.Codec;
import io.cacheaside.simulation.world.SimulatedStore;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** A process with this library: the real engine on a connection to the simulated server. */
final class CachedNode implements ScaledNode {
  private static final int NEAR_ENTRIES = 2_000;

  private final Function<String, CompletionStage<Integer>> source;
  private final CacheAside<String, String> cache;

  CachedNode(
      Function<String, CompletionStage<Integer>> source,
      SimulatedStore store,
      Environment environment,
      boolean near) {
    this.source = source;
    var builder =
        CacheAside.builder("scaled", Codec.string())
            .store(store)
            .environment(environment)
            .ttl(TTL)
            .ttlJitter(0);
    if (near) {
      builder.nearCache(NearCache.ofEntries(NEAR_ENTRIES));
    }
    this.cache = builder.build();
  }

  @Override
  public CompletionStage<Integer> read(String key) {
    return cache
        .async()
        .get(key, absent -> source.apply(absent).thenApply(String::valueOf))
        .thenApply(Integer::valueOf);
  }

  @Override
  public CompletionStage<?> written(String key) {
    return cache.async().invalidate(key);
  }

  @Override
  public long held() {
    return cache.stats().nearEntries();
  }
}
