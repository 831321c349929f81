package io.cacheaside.simulation;

import io.cacheaside.CacheAside;
import io.cacheaside.Environment;
import io.cacheaside.NearCache;
import io.cacheaside.codec.Codec;
import java.util.concurrent.CompletionStage;

/** A process with this library: the real engine on a connection to the simulated server. */
final class CachedNode implements ScaledNode {
  private final ScaleRun run;
  private final CacheAside<String, String> cache;

  CachedNode(ScaleRun run, SimulatedStore store, Environment environment, boolean near) {
    this.run = run;
    var builder =
        CacheAside.builder("scaled", Codec.string())
            .store(store)
            .environment(environment)
            .ttl(ScaleRun.TTL)
            .ttlJitter(0);
    if (near) {
      builder.nearCache(NearCache.ofEntries(ScaleRun.NEAR_ENTRIES));
    }
    this.cache = builder.build();
  }

  @Override
  public CompletionStage<Integer> read(String key) {
    return cache
        .async()
        .get(key, absent -> run.load(absent).thenApply(String::valueOf))
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
