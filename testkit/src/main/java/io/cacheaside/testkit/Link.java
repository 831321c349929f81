package io.cacheaside.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * One connection through a {@link TcpProxy}.
 *
 * <p>For each direction one thread reads and another one writes, so that a delay shifts bytes in
 * time without spreading them. What ends a stream (its end, a reset) travels through the same queue
 * and the same {@link Lane} as its bytes: a black hole swallows it too. A direction that has lost
 * anything stays lost, because a TCP stream with a gap cannot go on.
 */
final class Link {

  private static final int QUEUED_CHUNKS = 1024;
  private static final int CHUNK_BYTES = 16 * 1024;
  private static final byte[] NONE = {};

  private enum Kind {
    BYTES,
    END,
    RESET
  }

  private static final class Chunk {
    final long arrivalNanos = System.nanoTime();
    final Kind kind;
    final byte[] bytes;

    Chunk(Kind kind, byte[] bytes) {
      this.kind = kind;
      this.bytes = bytes;
    }
  }

  private final Socket client;
  private final Socket server;
  private final Consumer<Link> onEnd;
  private final AtomicInteger openDirections = new AtomicInteger(2);
  private final AtomicBoolean ended = new AtomicBoolean();

  Link(Socket client, Socket server, Consumer<Link> onEnd) {
    this.client = client;
    this.server = server;
    this.onEnd = onEnd;
  }

  /** Uses four of {@code threads}, which end with the connection or when interrupted. */
  void start(Executor threads, Lane toServer, Lane toClient) {
    start(threads, client, server, toServer);
    start(threads, server, client, toClient);
  }

  private void start(Executor threads, Socket from, Socket to, Lane lane) {
    BlockingQueue<Chunk> queue = new ArrayBlockingQueue<>(QUEUED_CHUNKS);
    threads.execute(() -> untilInterrupted(() -> read(from, queue)));
    threads.execute(() -> untilInterrupted(() -> write(queue, to, lane)));
  }

  private static void read(Socket from, BlockingQueue<Chunk> queue) throws InterruptedException {
    byte[] buffer = new byte[CHUNK_BYTES];
    try {
      InputStream in = from.getInputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        queue.put(new Chunk(Kind.BYTES, Arrays.copyOf(buffer, n)));
      }
      queue.put(new Chunk(Kind.END, NONE));
    } catch (IOException reset) {
      queue.put(new Chunk(Kind.RESET, NONE));
    }
  }

  private void write(BlockingQueue<Chunk> queue, Socket to, Lane lane) throws InterruptedException {
    boolean lost = false;
    Chunk chunk;
    do {
      chunk = queue.take();
      lost = lost || !lane.awaitTurn(chunk.arrivalNanos);
      if (!lost) {
        deliver(chunk, to, lane);
      }
    } while (chunk.kind == Kind.BYTES);
  }

  private void deliver(Chunk chunk, Socket to, Lane lane) {
    try {
      switch (chunk.kind) {
        case BYTES -> {
          lane.count(chunk.bytes.length);
          to.getOutputStream().write(chunk.bytes);
        }
        case END -> endDirection(to);
        case RESET -> reset();
      }
    } catch (IOException receiverIsGone) {
      reset();
    }
  }

  private void endDirection(Socket to) throws IOException {
    to.shutdownOutput();
    if (openDirections.decrementAndGet() == 0) {
      end();
    }
  }

  /** Ends the connection on both sides by RST. Idempotent. */
  void reset() {
    try {
      client.setSoLinger(true, 0);
      server.setSoLinger(true, 0);
    } catch (IOException closedAlready) {
      // Nothing is left to reset; what is open of the other socket is closed below.
    }
    end();
  }

  private void end() {
    if (ended.compareAndSet(false, true)) {
      close(client);
      close(server);
      onEnd.accept(this);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close " + socket, e);
    }
  }

  private interface Task {
    void run() throws InterruptedException;
  }

  private static void untilInterrupted(Task task) {
    try {
      task.run();
    } catch (InterruptedException proxyIsClosed) {
      Thread.currentThread().interrupt();
    }
  }
}
