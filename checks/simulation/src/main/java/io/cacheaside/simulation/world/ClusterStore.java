package io.cacheaside.simulation.world;

import io.cacheaside.store.ChangeListener;
import io.cacheaside.store.Store;
import io.cacheaside.store.TimedState;
import io.cacheaside.store.WatchedState;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The store of one process: a connection to each node of a {@link SimulatedCluster}. */
public final class ClusterStore implements Store {
  private final List<SimulatedStore> connections;

  ClusterStore(Scheduler scheduler, SimulatedCluster cluster, String host, Features features) {
    this.connections =
        cluster.servers().stream()
            .map(server -> new SimulatedStore(scheduler, server, host, features))
            .toList();
  }

  public SimulatedStore connection(int node) {
    return connections.get(node);
  }

  /** Breaks the connections to all nodes. */
  public void cut() {
    connections.forEach(SimulatedStore::cut);
  }

  /** Lets commands go to these servers, one for each node. */
  public void moveTo(List<SimulatedServer> servers) {
    for (int node = 0; node < connections.size(); node++) {
      connections.get(node).moveTo(servers.get(node));
    }
  }

  /** Returns how many commands the node has answered that has a key. */
  public long answersAt(String key) {
    return at(key).answers();
  }

  private SimulatedStore at(String key) {
    return connections.get(SimulatedCluster.nodeOf(key, connections.size()));
  }

  /** Asks some nodes at the same time, and waits for all of them. */
  private static <T> CompletionStage<@Nullable T> all(
      List<SimulatedStore> nodes, Function<SimulatedStore, CompletionStage<@Nullable T>> command) {
    CompletionStage<@Nullable T> all = command.apply(nodes.get(0));
    for (SimulatedStore node : nodes.subList(1, nodes.size())) {
      all = all.thenCombine(command.apply(node), (before, answer) -> answer);
    }
    return all;
  }

  // ---- Nodes ------------------------------------------------------------------------------------

  @Override
  public @Nullable String nodeOf(String key) {
    return at(key).node();
  }

  @Override
  public CompletionStage<@Nullable Void> ping(String node) {
    return connections.stream()
        .filter(connection -> node.equals(connection.node()))
        .findFirst()
        .orElseThrow()
        .ping();
  }

  @Override
  public CompletionStage<@Nullable Void> ping() {
    return all(connections, Store::ping);
  }

  @Override
  public boolean watch(ChangeListener listener, Duration maxLag) {
    connections.forEach(connection -> connection.watch(listener, maxLag));
    return true;
  }

  @Override
  public CompletionStage<Long> removeMatching(String prefix, String glob) {
    return all(connections, connection -> connection.removeMatching(prefix, glob));
  }

  @Override
  public CompletionStage<@Nullable Void> awaitCopies(List<String> keys) {
    List<SimulatedStore> changed =
        keys.isEmpty() ? connections : keys.stream().map(this::at).distinct().toList();
    return all(changed, connection -> connection.awaitCopies(keys));
  }

  // ---- Operations on a key ----------------------------------------------------------------------

  @Override
  public CompletionStage<byte @Nullable []> read(String key) {
    return at(key).read(key);
  }

  @Override
  public CompletionStage<@Nullable TimedState> readTimed(String key, int maxBytes) {
    return at(key).readTimed(key, maxBytes);
  }

  @Override
  public CompletionStage<@Nullable WatchedState> readWatched(String key) {
    return at(key).readWatched(key);
  }

  @Override
  public CompletionStage<byte @Nullable []> putIfAbsent(String key, byte[] state, Duration ttl) {
    return at(key).putIfAbsent(key, state, ttl);
  }

  @Override
  public CompletionStage<@Nullable Void> put(String key, byte[] state, Duration ttl) {
    return at(key).put(key, state, ttl);
  }

  @Override
  public CompletionStage<Boolean> swap(
      String key, byte[] stamp, byte[] state, @Nullable Duration ttl) {
    return at(key).swap(key, stamp, state, ttl);
  }

  @Override
  public CompletionStage<Boolean> swapEvenIfFull(
      String key, byte @Nullable [] stamp, byte[] state, Duration ttl) {
    return at(key).swapEvenIfFull(key, stamp, state, ttl);
  }

  @Override
  public CompletionStage<Boolean> swapHead(
      String key, byte[] stamp, byte[] head, @Nullable Duration ttl) {
    return at(key).swapHead(key, stamp, head, ttl);
  }

  @Override
  public CompletionStage<Boolean> remove(String key, byte[] stamp) {
    return at(key).remove(key, stamp);
  }

  @Override
  public CompletionStage<Boolean> remove(String key) {
    return at(key).remove(key);
  }

  @Override
  public void close() {}
}
