package io.cacheaside.testkit;

import java.util.ArrayList;
import java.util.List;

/**
 * A hash slot on its way from one node of a {@link RedisCluster} to another.
 *
 * <p>Between {@link RedisCluster#beginMigration} and {@link #finish()} the source answers for the
 * keys it still has and redirects by {@code ASK} for the ones it has not. Not thread-safe.
 *
 * @see <a href="https://redis.io/docs/latest/commands/cluster-setslot/">CLUSTER SETSLOT</a>
 */
public final class SlotMigration {

  private static final String ALL_KEYS = "1000000";
  private static final String TIMEOUT_MILLIS = "5000";

  private final RedisCluster cluster;
  private final String slot;
  private final RedisServer from;
  private final RedisServer to;

  SlotMigration(RedisCluster cluster, int slot, RedisServer from, RedisServer to) {
    this.cluster = cluster;
    this.slot = String.valueOf(slot);
    this.from = from;
    this.to = to;
    to.command("CLUSTER", "SETSLOT", this.slot, "IMPORTING", RedisCluster.id(from));
    from.command("CLUSTER", "SETSLOT", this.slot, "MIGRATING", RedisCluster.id(to));
  }

  /**
   * Moves the keys that the slot has now. Keys written meanwhile go to the target by themselves.
   */
  public void moveKeys() {
    List<?> keys = (List<?>) from.command("CLUSTER", "GETKEYSINSLOT", slot, ALL_KEYS);
    if (keys == null || keys.isEmpty()) {
      return;
    }
    List<String> migrate =
        new ArrayList<>(
            List.of("MIGRATE", RedisServer.HOST, "" + to.port(), "", "0", TIMEOUT_MILLIS));
    migrate.addAll(
        List.of("AUTH2", RedisServer.CONTROL_USER, RedisServer.CONTROL_PASSWORD, "KEYS"));
    keys.forEach(key -> migrate.add((String) key));
    from.command(migrate.toArray(String[]::new));
  }

  /**
   * Moves the remaining keys, makes the target the slot's owner, and waits until all nodes know.
   */
  public void finish() {
    moveKeys();
    to.command("CLUSTER", "SETSLOT", slot, "NODE", RedisCluster.id(to));
    from.command("CLUSTER", "SETSLOT", slot, "NODE", RedisCluster.id(to));
    cluster.awaitStable();
  }
}
