package io.cacheaside.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A network between a client and a server that a test can break: a TCP proxy on a loopback port.
 *
 * <p>At first it passes everything on. Each direction then does what the last call for it said:
 *
 * <table>
 * <caption>States of a direction</caption>
 * <tr><td>{@link #pass()}<td>bytes go on at once
 * <tr><td>{@link #delay}<td>bytes go on when they have been under way for a given time
 * <tr><td>{@link #hold}<td>bytes wait, and go on when the state changes: a link that is frozen and
 *     recovers
 * <tr><td>{@link #blackHole}<td>bytes are lost, and so is the end of the stream, while connections
 *     stay open; a connection that has lost anything stays lost when the state changes
 * </table>
 *
 * <p>Connections that are already open follow each change, and bytes that were read but not yet
 * passed on follow it too. Independently of that, {@link #resetAll()} and {@link #down()} end
 * connections.
 *
 * <p>Thread-safe. Uses daemon threads that end with {@link #close()}.
 */
public final class TcpProxy implements AutoCloseable {

  /** Where bytes travel to. */
  public enum Direction {
    /** From the client that connected to this proxy to the server behind it. */
    TO_SERVER,
    /** From the server behind this proxy to the client that connected to it. */
    TO_CLIENT
  }

  private static final Duration END_LIMIT = Duration.ofSeconds(10);

  private final InetSocketAddress target;
  private final int port = FreePorts.take();
  private final Lane toServer = new Lane();
  private final Lane toClient = new Lane();
  private final List<Lane> both = List.of(toServer, toClient);
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final AtomicLong accepted = new AtomicLong();
  private final ExecutorService threads = Executors.newCachedThreadPool(this::newThread);
  private final ReentrantLock lifecycle = new ReentrantLock();
  private ServerSocket listener;
  private CompletableFuture<Void> acceptor;

  private TcpProxy(InetSocketAddress target) {
    this.target = target;
    listen();
  }

  private Thread newThread(Runnable task) {
    Thread thread = new Thread(task, "tcp-proxy-" + port);
    thread.setDaemon(true);
    return thread;
  }

  /** A proxy in front of the plain port of {@code server}, also after its restarts. */
  public static TcpProxy to(RedisServer server) {
    return to(server.host(), server.port());
  }

  /**
   * A proxy in front of any address. Whether something listens there shows when clients connect.
   */
  public static TcpProxy to(String host, int port) {
    return new TcpProxy(new InetSocketAddress(host, port));
  }

  /** The loopback address, as a literal. */
  public String host() {
    return RedisServer.HOST;
  }

  /** The port clients connect to. It stays the same while the proxy is {@link #down()}. */
  public int port() {
    return port;
  }

  /** Lets bytes go on at once, in both directions. */
  public void pass() {
    both.forEach(Lane::pass);
  }

  /** Delays bytes in both directions, so that a round trip takes twice {@code delay} longer. */
  public void delay(Duration delay) {
    both.forEach(lane -> lane.delay(delay));
  }

  /** Delays bytes in one direction. The other one keeps its state. */
  public void delay(Direction direction, Duration delay) {
    lane(direction).delay(delay);
  }

  /** Makes bytes wait in both directions. */
  public void hold() {
    both.forEach(Lane::hold);
  }

  /**
   * Makes bytes wait in one direction, for instance {@link Direction#TO_CLIENT}: then the server
   * executes what it is told, and nobody learns that it did. The other one keeps its state.
   */
  public void hold(Direction direction) {
    lane(direction).hold();
  }

  /** Loses all bytes in both directions. */
  public void blackHole() {
    both.forEach(Lane::swallow);
  }

  /** Loses all bytes in one direction. The other one keeps its state. */
  public void blackHole(Direction direction) {
    lane(direction).swallow();
  }

  private Lane lane(Direction direction) {
    return switch (direction) {
      case TO_SERVER -> toServer;
      case TO_CLIENT -> toClient;
    };
  }

  /** Ends all connections on both sides by RST: their next use fails with "connection reset". */
  public void resetAll() {
    links.forEach(Link::reset);
  }

  /**
   * Resets all connections and refuses new ones, as if the server's process had died. Idempotent.
   */
  public void down() {
    lifecycle.lock();
    try {
      listener.close();
      acceptor.join(); // the system goes on accepting until the thread has left accept()
      resetAll();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close " + this, e);
    } finally {
      lifecycle.unlock();
    }
  }

  /**
   * Accepts connections again after {@link #down()}.
   *
   * @throws IllegalStateException the proxy is closed
   * @throws UncheckedIOException another process has taken the port
   */
  public void up() {
    lifecycle.lock();
    try {
      if (threads.isShutdown()) {
        throw new IllegalStateException(this + " is closed");
      }
      if (listener.isClosed()) {
        listen();
      }
    } finally {
      lifecycle.unlock();
    }
  }

  private void listen() {
    ServerSocket bound = bind();
    listener = bound;
    acceptor = CompletableFuture.runAsync(() -> acceptAll(bound), threads);
  }

  private ServerSocket bind() {
    try {
      return FreePorts.listen(port);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on port " + port, e);
    }
  }

  private void acceptAll(ServerSocket from) {
    try {
      while (true) {
        link(from.accept());
      }
    } catch (IOException e) {
      if (!from.isClosed()) {
        throw new UncheckedIOException(this + " cannot accept", e);
      }
    }
  }

  private void link(Socket client) {
    accepted.incrementAndGet();
    Socket server = new Socket();
    Link link = new Link(client, server, links::remove);
    links.add(link);
    try {
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      server.connect(target);
      link.start(threads, toServer, toClient);
    } catch (IOException targetIsDown) {
      link.reset();
    }
  }

  /** How many connections are open now. */
  public int openConnections() {
    return links.size();
  }

  /** How many connections were accepted since the proxy was made. */
  public long acceptedConnections() {
    return accepted.get();
  }

  /** How many bytes were passed on in one direction since the proxy was made. */
  public long bytes(Direction direction) {
    return lane(direction).bytes();
  }

  /**
   * Resets all connections and ends all threads. Idempotent.
   *
   * @throws IllegalStateException a thread does not end
   */
  @Override
  public void close() {
    lifecycle.lock();
    try {
      if (!threads.isShutdown()) {
        down();
        endThreads();
        FreePorts.release(port);
      }
    } finally {
      lifecycle.unlock();
    }
  }

  private void endThreads() {
    threads.shutdownNow();
    try {
      if (!threads.awaitTermination(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("threads of " + this + " do not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while closing " + this, e);
    }
  }

  /** Both addresses. */
  @Override
  public String toString() {
    return "proxy " + host() + ":" + port + " to " + target;
  }
}
