package io.cacheaside.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.event.ClusterTopologyChangedEvent;
import io.lettuce.core.cluster.models.partitions.Partitions;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.models.role.RedisNodeDescription;
import io.lettuce.core.protocol.ConnectionIntent;
import io.lettuce.core.resource.ClientResources;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;

/**
 * The nodes of a cluster.
 *
 * <p>While commands are rejected without a connection, Lettuce rejects the one that makes it
 * connect to a node, too. So the nodes are connected to before anybody needs them: at the start and
 * whenever the topology changes.
 */
final class ClusterDeployment implements Deployment {
  private static final Logger LOG = LoggerFactory.getLogger("io.cacheaside.redis.RedisStore");

  private final LettuceOptions options;
  private final RedisClusterClient client;
  private final Disposable topologyChanges;
  private volatile @Nullable StatefulRedisClusterConnection<String, byte[]> connection;
  private volatile Runnable serversChanged = () -> {};

  ClusterDeployment(LettuceOptions options, ClientResources resources) {
    this.options = options;
    client = RedisClusterClient.create(resources, options.seeds());
    client.setOptions(options.forCluster());
    topologyChanges =
        resources
            .eventBus()
            .get()
            .ofType(ClusterTopologyChangedEvent.class)
            .subscribe(event -> connectNodes());
  }

  @Override
  public CompletionStage<StatefulConnection<String, byte[]>> connect(StateCodec codec) {
    return client
        .refreshPartitionsAsync()
        .thenCompose(refreshed -> connectUnlessClosed(codec))
        .thenCompose(this::connectNodes);
  }

  /** A client that has been shut down would follow the topology again, on threads of others. */
  private CompletionStage<StatefulRedisClusterConnection<String, byte[]>> connectUnlessClosed(
      StateCodec codec) {
    return topologyChanges.isDisposed()
        ? CompletableFuture.failedFuture(new IllegalStateException("closed"))
        : client.connectAsync(codec);
  }

  /** The nodes that are up can be used, whatever comes of the others. */
  private CompletionStage<StatefulConnection<String, byte[]>> connectNodes(
      StatefulRedisClusterConnection<String, byte[]> opened) {
    connection = opened;
    return Stages.settled(primaries(opened).values().stream()).thenApply(done -> opened);
  }

  private void connectNodes() {
    StatefulRedisClusterConnection<String, byte[]> current = connection;
    if (current == null) {
      return;
    }
    try {
      primaries(current);
      serversChanged.run();
    } catch (RuntimeException e) {
      LOG.warn("A change of the cluster's nodes could not be followed", e);
    }
  }

  @Override
  public void whenServersChange(Runnable action) {
    serversChanged = action;
  }

  @Override
  public boolean isCluster() {
    return true;
  }

  /**
   * One by one: Lettuce's sending of a collection may block, and loses some if one node is down.
   */
  @Override
  public void send(
      StatefulConnection<String, byte[]> connection, List<? extends Command<?>> commands) {
    commands.forEach(
        command -> {
          StatefulRedisConnection<String, byte[]> pinned = command.pinnedTo();
          try {
            if (pinned == null) {
              connection.dispatch(command);
            } else {
              pinned.dispatch(command);
            }
          } catch (RuntimeException e) {
            command.completeExceptionally(e);
          }
        });
  }

  @Override
  public @Nullable StatefulRedisConnection<String, byte[]> primaryOf(
      StatefulConnection<String, byte[]> connection, StateCodec codec, String key) {
    StatefulRedisClusterConnection<String, byte[]> cluster =
        (StatefulRedisClusterConnection<String, byte[]>) connection;
    int slot = SlotHash.getSlot(codec.encodeKey(key));
    RedisClusterNode owner = cluster.getPartitions().getPartitionBySlot(slot);
    if (owner == null) {
      return null;
    }
    CompletableFuture<StatefulRedisConnection<String, byte[]>> opened =
        connectionTo(owner.getUri(), cluster);
    return opened.isDone() && !opened.isCompletedExceptionally() ? opened.join() : null;
  }

  @Override
  public @Nullable String nodeOf(ByteBuffer key) {
    StatefulRedisClusterConnection<String, byte[]> current = connection;
    RedisClusterNode owner =
        current == null ? null : current.getPartitions().getPartitionBySlot(SlotHash.getSlot(key));
    return owner == null ? null : name(owner);
  }

  private static String name(RedisClusterNode node) {
    return new Node(node.getUri().getHost(), node.getUri().getPort()).toString();
  }

  @Override
  public Map<String, CompletionStage<? extends StatefulConnection<String, byte[]>>> primaries(
      StatefulConnection<String, byte[]> connection) {
    StatefulRedisClusterConnection<String, byte[]> cluster =
        (StatefulRedisClusterConnection<String, byte[]>) connection;
    Map<String, CompletionStage<? extends StatefulConnection<String, byte[]>>> byName =
        new LinkedHashMap<>();
    primaries(cluster.getPartitions())
        .forEach(node -> byName.put(name(node), connectionTo(node.getUri(), cluster)));
    return byName;
  }

  /** A node that has just gone is an exception to Lettuce. */
  private static CompletableFuture<StatefulRedisConnection<String, byte[]>> connectionTo(
      RedisURI node, StatefulRedisClusterConnection<String, byte[]> cluster) {
    try {
      return cluster.getConnectionAsync(node.getHost(), node.getPort(), ConnectionIntent.WRITE);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static Stream<RedisClusterNode> primaries(Partitions nodes) {
    return nodes.stream().filter(node -> node.getRole().isUpstream() && !node.hasNoSlots());
  }

  @Override
  public CompletionStage<List<RedisURI>> primaryAddresses() {
    return client
        .refreshPartitionsAsync()
        .thenApply(refreshed -> primaries(client.getPartitions()).map(this::address).toList());
  }

  private RedisURI address(RedisNodeDescription node) {
    RedisURI known = node.getUri();
    return options.server(new Node(known.getHost(), known.getPort()));
  }

  @Override
  public Map<RedisURI, BitSet> owners(BitSet slots) {
    Partitions nodes = nodes();
    BitSet wanted = slots.isEmpty() ? oneSlotOfEach(nodes) : slots;
    Map<RedisURI, BitSet> owners = new HashMap<>();
    wanted.stream()
        .forEach(
            slot ->
                owners
                    .computeIfAbsent(address(owner(nodes, slot)), absent -> new BitSet())
                    .set(slot));
    return owners;
  }

  private Partitions nodes() {
    StatefulRedisClusterConnection<String, byte[]> current = connection;
    if (current == null) {
      throw new IllegalStateException("not connected yet");
    }
    return current.getPartitions();
  }

  private static BitSet oneSlotOfEach(Partitions nodes) {
    BitSet slots = new BitSet();
    primaries(nodes).forEach(node -> slots.set(anyOf(node.getSlots())));
    if (slots.isEmpty()) {
      throw new IllegalStateException("no primary is known");
    }
    return slots;
  }

  /** Not always the same, as that one may be on its way to another node. */
  private static int anyOf(List<Integer> slots) {
    return slots.get(ThreadLocalRandom.current().nextInt(slots.size()));
  }

  private static RedisClusterNode owner(Partitions nodes, int slot) {
    RedisClusterNode owner = nodes.getPartitionBySlot(slot);
    if (owner == null) {
      throw new IllegalStateException("nobody is known to own slot " + slot);
    }
    return owner;
  }

  @Override
  public void close() {
    topologyChanges.dispose();
    StatefulRedisClusterConnection<String, byte[]> current = connection;
    if (current != null) {
      LettuceThreads.await(current.closeAsync());
    }
    LettuceThreads.shutdown(client);
  }
}
