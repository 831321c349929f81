package io.cacheaside.verification.history;

import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.TcpProxy;
import io.cacheaside.testkit.TcpProxy.Direction;
import io.cacheaside.verification.processes.Network;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Three workers on servers, and faults in a random order, each followed by a time of calm. */
final class Run implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("history");
  private static final int WORKERS = 3;
  private static final Duration ANSWER_LIMIT = Duration.ofMinutes(1);
  private static final Duration RACE_LIMIT = Duration.ofMinutes(10);

  private final Servers servers;
  private final Path folder;
  private final long seed;
  private final SplittableRandom random;
  private final List<Fault> possible;
  private final List<Fault> left = new ArrayList<>();
  private final List<Network> networks = new ArrayList<>();
  private final List<WorkerJvm> workers = new ArrayList<>();
  private final List<Episode> episodes = new ArrayList<>();
  private int fillers;

  private Run(Servers servers, Path folder, long seed) {
    this.servers = servers;
    this.folder = folder;
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.possible =
        Arrays.stream(Fault.values())
            .filter(fault -> fault.isPossible(servers.isCluster()))
            .toList();
  }

  /** Lets workers use a cache on these servers, breaks what a seed says, and returns what was. */
  static History of(Servers servers, Path folder, long seed, Duration time) {
    try (Run run = new Run(servers, folder, seed)) {
      return run.execute(time);
    }
  }

  /**
   * Lets one worker write and invalidate as often as given while the others read near, without any
   * fault, and returns what was.
   */
  static History race(Servers servers, Path folder, long rounds) {
    try (Run run = new Run(servers, folder, 0)) {
      return run.race(rounds);
    }
  }

  private History race(long rounds) {
    for (int process = 0; process < WORKERS; process++) {
      networks.add(new Network(servers.nodes()));
      workers.add(start(process, 0, process == 0 ? Mix.WRITES : Mix.READS, rounds));
    }
    workers.forEach(WorkerJvm::awaitStart);
    long beginNanos = System.nanoTime();
    WorkerJvm writer = workers.get(0);
    writer.settle();
    writer.awaitAnswer(beginNanos, RACE_LIMIT);
    return end(beginNanos);
  }

  private History execute(Duration time) {
    for (int process = 0; process < WORKERS; process++) {
      networks.add(new Network(servers.nodes()));
      workers.add(start(process, 0));
    }
    workers.forEach(WorkerJvm::awaitStart);
    settle();
    long beginNanos = System.nanoTime();
    while (System.nanoTime() - beginNanos < time.toNanos()) {
      pass(400, 1200);
      episodes.add(episode(next()));
    }
    pass(400, 1200);
    settle();
    return end(beginNanos);
  }

  private History end(long beginNanos) {
    long endNanos = System.nanoTime();
    workers.forEach(WorkerJvm::stop);
    workers.forEach(worker -> worker.awaitAnswer(endNanos, ANSWER_LIMIT));
    return new History(
        servers.toString(), seed, Journal.readAll(folder), episodes, beginNanos, endNanos);
  }

  /** Starts a worker; of three, two have a near cache. */
  private WorkerJvm start(int process, int life) {
    return start(process, life, Mix.EVERYTHING, 0);
  }

  private WorkerJvm start(int process, int life, Mix mix, long rounds) {
    return WorkerJvm.start(
        new WorkerSettings(
            process,
            life,
            seed,
            mix,
            rounds,
            process > 0,
            servers.copies(),
            folder,
            servers.uri(),
            networks.get(process).routes()));
  }

  private void settle() {
    long askedNanos = System.nanoTime();
    workers.forEach(WorkerJvm::settle);
    workers.forEach(worker -> worker.awaitAnswer(askedNanos, ANSWER_LIMIT));
  }

  private Duration between(int leastMillis, int mostMillis) {
    return Duration.ofMillis(random.nextInt(leastMillis, mostMillis));
  }

  /** Lets the workers work for a while. */
  private void pass(int leastMillis, int mostMillis) {
    long millis = between(leastMillis, mostMillis).toMillis();
    new CompletableFuture<>().completeOnTimeout(null, millis, TimeUnit.MILLISECONDS).join();
  }

  private <T> T anyOf(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** Returns the next fault: each once in a random order, then each once more, and so on. */
  private Fault next() {
    if (left.isEmpty()) {
      left.addAll(possible);
    }
    return left.remove(random.nextInt(left.size()));
  }

  private Episode episode(Fault fault) {
    int process = random.nextInt(WORKERS);
    int life = workers.get(process).settings().life();
    LOG.debug("{} {}", fault, process);
    long beginNanos = System.nanoTime();
    Done done = bring(fault, process);
    long endNanos = System.nanoTime();
    settle();
    return new Episode(
        fault,
        done.what(),
        process,
        life,
        done.lost(),
        done.splitNanos(),
        beginNanos,
        endNanos,
        System.nanoTime());
  }

  /** What was done, and what may be lost by it. */
  private record Done(String what, Set<Integer> lost, long splitNanos) {
    static Done to(Object what) {
      return new Done(what.toString(), Set.of(), Episode.NEVER_NANOS);
    }
  }

  private Done bring(Fault fault, int process) {
    return switch (fault) {
      case KILL_CLIENT -> killClient(process);
      case STOP_CLIENT -> stopClient(process);
      case FLUSH -> flush();
      case SLOW_NETWORK -> {
        Duration delay = between(1, 30);
        yield network(process, proxy -> proxy.delay(delay));
      }
      case LATE_NETWORK -> {
        Duration delay = between(100, 400);
        yield network(process, proxy -> proxy.delay(delay));
      }
      case CUT_NETWORK -> cut(process);
      case NO_NETWORK -> network(process, TcpProxy::down);
      case HALF_OPEN_TO_SERVER -> network(process, proxy -> proxy.blackHole(Direction.TO_SERVER));
      case HALF_OPEN_TO_CLIENT -> network(process, proxy -> proxy.blackHole(Direction.TO_CLIENT));
      case HELD_NETWORK -> network(process, proxy -> proxy.hold(Direction.TO_CLIENT));
      case FREEZE_SERVER -> freeze(anyOf(servers.primaries()), between(100, 1000));
      case KILL_SERVER -> killServer(anyOf(servers.primaries()));
      case FREEZE_UNTIL_FAILOVER -> freeze(anyOf(servers.primaries()), Duration.ofSeconds(5));
      case FAILOVER -> failover();
      case EVICTION -> evict();
    };
  }

  private Done killClient(int process) {
    WorkerJvm old = workers.get(process);
    old.close();
    WorkerJvm another = start(process, old.settings().life() + 1);
    workers.set(process, another);
    another.awaitStart();
    return Done.to("worker " + process);
  }

  private Done stopClient(int process) {
    Duration time = between(100, 2000);
    workers.get(process).stopFor(time);
    return Done.to("worker " + process + " for " + time.toMillis() + " ms");
  }

  private Done flush() {
    servers.primaries().forEach(node -> node.command("FLUSHALL"));
    return Done.to(servers);
  }

  private Done network(int process, Consumer<TcpProxy> fault) {
    Network network = networks.get(process);
    network.each(fault);
    pass(300, 2500);
    network.each(TcpProxy::up);
    network.each(TcpProxy::pass);
    return Done.to("worker " + process);
  }

  private Done cut(int process) {
    for (int i = 0; i < 5; i++) {
      networks.get(process).each(TcpProxy::resetAll);
      pass(20, 300);
    }
    return Done.to("worker " + process);
  }

  private Done freeze(RedisServer node, Duration time) {
    Set<Integer> keys = servers.keysOf(node);
    node.freeze();
    pass((int) time.toMillis(), (int) time.toMillis() + 100);
    long thawNanos = System.nanoTime();
    node.thaw();
    servers.awaitStable();
    return servers.primaries().contains(node)
        ? Done.to(node)
        : new Done(node.toString(), keys, thawNanos);
  }

  private Done killServer(RedisServer node) {
    Set<Integer> keys = servers.isCluster() ? servers.keysOf(node) : Set.of();
    node.kill();
    if (servers.isCluster()) {
      servers.awaitStable();
    } else {
      pass(100, 1500);
    }
    node.restart();
    servers.awaitStable();
    return new Done(node.toString(), keys, Episode.NEVER_NANOS);
  }

  private Done failover() {
    Servers.Cluster cluster = (Servers.Cluster) servers;
    RedisServer primary = anyOf(servers.primaries());
    cluster.cluster().failover(anyOf(cluster.cluster().replicasOf(primary)));
    return Done.to(primary);
  }

  /** Fills the servers with other keys, until every second key is gone. */
  private Done evict() {
    String prefix = "filler-" + fillers++;
    for (RedisServer node : servers.primaries()) {
      long used = Long.parseLong(node.info("memory").get("used_memory"));
      node.command("CONFIG", "SET", "maxmemory-policy", "allkeys-random");
      node.command("CONFIG", "SET", "maxmemory", String.valueOf(used + 100_000));
      node.command("DEBUG", "POPULATE", "2000", prefix, "100");
    }
    pass(300, 1500);
    servers.primaries().forEach(node -> node.command("CONFIG", "SET", "maxmemory", "0"));
    return Done.to(servers);
  }

  @Override
  public void close() {
    workers.forEach(WorkerJvm::close);
    networks.forEach(Network::close);
  }
}
