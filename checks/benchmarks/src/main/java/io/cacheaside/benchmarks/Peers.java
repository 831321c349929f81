package io.cacheaside.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** All that read the same orders from the same server. */
final class Peers implements AutoCloseable {
  static final long TTL_MILLIS = Duration.ofHours(1).toMillis();

  /** Long enough for a machine that does other things, as those of the peers are. */
  static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(10);

  private static final int MOST_CONNECTIONS = 128;

  private final List<Contender> all = new ArrayList<>();

  private Peers(List<Contender> all) {
    this.all.addAll(all);
  }

  /** Connects them and stores an order of so many bytes under each key. */
  static Peers on(String redisUri, int orderBytes) {
    Peers peers =
        new Peers(
            List.of(
                new Ours(redisUri),
                new RawLettuce(redisUri),
                JedisPool.byDefault(redisUri),
                JedisPool.of(MOST_CONNECTIONS, redisUri),
                SpringCache.byDefault(redisUri),
                JetCache.remote(redisUri),
                JetCache.twoLevels("JetCache, two levels, not near", 1, redisUri),
                new RedissonBucket(redisUri),
                new RedissonMap("Redisson, local map, not near", 1, redisUri)));
    for (String key : Keys.all()) {
      Order order = Order.of(key, orderBytes);
      peers.all.forEach(each -> each.put(key, order));
    }
    return peers;
  }

  List<Contender> all() {
    return all;
  }

  /** Returns those that can do more. */
  <C extends Contender> List<C> that(Class<C> can) {
    return all.stream().filter(can::isInstance).map(can::cast).toList();
  }

  @Override
  public void close() {
    all.forEach(Contender::close);
  }
}
