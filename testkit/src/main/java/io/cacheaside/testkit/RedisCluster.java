package io.cacheaside.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A real cluster of Redis or Valkey: three masters that share the slots evenly, each with as many
 * replicas as asked for.
 *
 * <p>Starting takes two to three seconds, because a node waits two seconds before it declares the
 * cluster usable: share one among tests ({@link SharedServers#cluster}) unless they break it.
 *
 * <p>The nodes are {@link RedisServer}s: stop, kill, freeze and restart them, then {@link
 * #awaitStable()}. Roles are not fixed; {@link #masters()} and {@link #ownerOf(int)} ask the nodes
 * that can answer, and after a fault say what was so before it until the cluster has noticed.
 *
 * <p>Thread-safe. Every method blocks until what it says has happened, and fails with an {@link
 * IllegalStateException} when it does not happen within 30 s or the caller is interrupted.
 */
public final class RedisCluster implements AutoCloseable {

  private static final int MASTERS = 3;
  private static final int SLOTS = 16_384;

  private final List<RedisServer> nodes = new ArrayList<>();

  private RedisCluster(Builder settings) {
    try {
      for (int i = 0; i < MASTERS * (1 + settings.replicasPerMaster); i++) {
        nodes.add(settings.startNode());
      }
      form();
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  /** Starts three masters of the given program, without replicas and with default settings. */
  public static RedisCluster start(ServerBinary binary) {
    return builder().nodes(node -> node.binary(binary)).start();
  }

  /** Settings for a cluster, at first three masters of {@link ServerBinary#BUNDLED}. */
  public static Builder builder() {
    return new Builder();
  }

  private void form() {
    assignEpochsAndSlots();
    introduce();
    Await.until(
        RedisServer.LIMIT,
        () -> "nodes do not get to know each other: " + views(),
        () -> views().stream().allMatch(view -> view.members().size() == nodes.size()));
    for (int i = MASTERS; i < nodes.size(); i++) {
      nodes.get(i).command("CLUSTER", "REPLICATE", id(nodes.get(i % MASTERS)));
    }
    awaitStable();
  }

  private void assignEpochsAndSlots() {
    for (int i = 0; i < nodes.size(); i++) {
      nodes.get(i).command("CLUSTER", "SET-CONFIG-EPOCH", "" + (i + 1));
    }
    for (int i = 0; i < MASTERS; i++) {
      int first = i * SLOTS / MASTERS;
      int last = (i + 1) * SLOTS / MASTERS - 1;
      nodes.get(i).command("CLUSTER", "ADDSLOTSRANGE", "" + first, "" + last);
    }
  }

  private void introduce() {
    RedisServer first = nodes.get(0);
    for (RedisServer other : nodes.subList(1, nodes.size())) {
      first.command("CLUSTER", "MEET", RedisServer.HOST, "" + other.port());
    }
  }

  static String id(RedisServer node) {
    return String.valueOf(node.command("CLUSTER", "MYID"));
  }

  /** All nodes, whatever their state: first the ones that were masters at the start. */
  public List<RedisServer> nodes() {
    return List.copyOf(nodes);
  }

  /** The addresses of all nodes, as {@link RedisServer#uri()} gives them. */
  public List<String> uris() {
    return nodes.stream().map(RedisServer::uri).toList();
  }

  /** The nodes that own slots. */
  public List<RedisServer> masters() {
    ClusterView view = view();
    return nodes.stream().filter(node -> view.member(node).ownsSlots()).toList();
  }

  /** The nodes that replicate {@code master}, whatever their state. */
  public List<RedisServer> replicasOf(RedisServer master) {
    ClusterView view = view();
    String id = view.member(master).id();
    return nodes.stream().filter(node -> view.member(node).masterId().equals(id)).toList();
  }

  /** The hash slot of {@code key}, with regard to its hash tag. */
  public int slotOf(String key) {
    return Integer.parseInt(String.valueOf(anyReachable().command("CLUSTER", "KEYSLOT", key)));
  }

  /** The master that owns {@code slot}. */
  public RedisServer ownerOf(int slot) {
    ClusterView view = view();
    return nodes.stream()
        .filter(node -> view.member(node).owns(slot))
        .findAny()
        .orElseThrow(() -> new IllegalStateException("nobody owns slot " + slot));
  }

  /** The master that owns the slot of {@code key}. */
  public RedisServer ownerOf(String key) {
    return ownerOf(slotOf(key));
  }

  private ClusterView view() {
    return ClusterView.of(anyReachable());
  }

  /** Moves {@code slot} with its keys from its owner to the master {@code to}. */
  public void migrateSlot(int slot, RedisServer to) {
    beginMigration(slot, to).finish();
  }

  /** Begins to move {@code slot} from its owner to the master {@code to}; no key is moved yet. */
  public SlotMigration beginMigration(int slot, RedisServer to) {
    return new SlotMigration(this, slot, ownerOf(slot), to);
  }

  /** Makes a replica the master of its slots, in agreement with its master, which replicates it. */
  public void failover(RedisServer replica) {
    replica.command("CLUSTER", "FAILOVER");
    Await.until(
        RedisServer.LIMIT,
        () -> replica + " does not become a master",
        () -> ClusterView.of(replica).member(replica).ownsSlots());
    awaitStable();
  }

  /**
   * Waits until the cluster serves all slots and its nodes agree: every slot's owner runs, every
   * running and not frozen node knows the same members with the same roles and slots, and replicas
   * are connected to their masters. Needs replicas to come true after the loss of a master.
   */
  public void awaitStable() {
    Await.until(RedisServer.LIMIT, () -> "nodes disagree: " + views(), this::isStable);
  }

  private boolean isStable() {
    List<ClusterView> views = views().stream().distinct().toList();
    return views.size() == 1
        && reachable().allMatch(RedisCluster::isUsable)
        && nodes.stream()
            .filter(node -> views.get(0).member(node).ownsSlots())
            .allMatch(RedisServer::isReachable);
  }

  private static boolean isUsable(RedisServer node) {
    boolean connected = !"down".equals(node.info("replication").get("master_link_status"));
    String state = String.valueOf(node.command("CLUSTER", "INFO"));
    return connected && state.contains("cluster_state:ok");
  }

  private List<ClusterView> views() {
    return reachable().map(ClusterView::of).toList();
  }

  private Stream<RedisServer> reachable() {
    return nodes.stream().filter(RedisServer::isReachable);
  }

  private RedisServer anyReachable() {
    return reachable()
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no node is running and not frozen"));
  }

  /** Closes all nodes. Idempotent. */
  @Override
  public void close() {
    nodes.forEach(RedisServer::close);
  }

  /** The nodes; no secrets. */
  @Override
  public String toString() {
    return "cluster of " + nodes;
  }

  /** Settings of a cluster to be started. Not thread-safe; can start any number of clusters. */
  public static final class Builder {

    private UnaryOperator<RedisServer.Builder> nodeSettings = UnaryOperator.identity();
    private int replicasPerMaster;
    private Duration failureDetection = Duration.ofSeconds(2);

    private Builder() {}

    /** What each node gets beyond the defaults: program, password, TLS, configuration lines. */
    public Builder nodes(UnaryOperator<RedisServer.Builder> settings) {
      nodeSettings = settings;
      return this;
    }

    /** How many replicas each of the three masters has; default 0. */
    public Builder replicasPerMaster(int count) {
      replicasPerMaster = count;
      return this;
    }

    /**
     * How long a node may be silent before the others count it as failed; default 2 s. Less makes
     * fail-overs faster, and likelier by accident on a busy machine.
     */
    public Builder failureDetection(Duration silence) {
      failureDetection = silence;
      return this;
    }

    private RedisServer startNode() {
      return nodeSettings
          .apply(RedisServer.builder())
          .clusterEnabled()
          .config("cluster-node-timeout " + failureDetection.toMillis())
          .start();
    }

    /**
     * Starts the nodes, forms the cluster and waits until it is {@linkplain
     * RedisCluster#awaitStable() stable}.
     *
     * @throws IllegalStateException a node does not start, or the cluster does not form within 30 s
     */
    public RedisCluster start() {
      return new RedisCluster(this);
    }
  }
}
