package io.cacheaside.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Loopback ports on which nothing listens.
 *
 * <p>They come from 10000 to 21999. So the cluster bus (port + 10000) is a legal port as well, and
 * both stay below 32768, where Linux begins to take the ports of outgoing connections: while a
 * server is down, nobody's outgoing connection can sit on its port, and a client that connects to
 * the port cannot by accident connect to itself.
 *
 * <p>A port is not given out twice in this JVM until it was released. Another process can still
 * take it before it is used; who binds it has to expect that.
 */
final class FreePorts {

  private static final int LOWEST = 10_000;
  private static final int BOUND = 22_000;
  private static final int BUS_OFFSET = 10_000;
  private static final int BACKLOG = 128;
  private static final int ATTEMPTS = 1_000;
  private static final Set<Integer> TAKEN = ConcurrentHashMap.newKeySet();

  private FreePorts() {}

  static int take() {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, BOUND);
      if (TAKEN.add(port)) {
        if (isFree(port) && isFree(port + BUS_OFFSET)) {
          return port;
        }
        TAKEN.remove(port);
      }
    }
    throw new IllegalStateException("no free port between " + LOWEST + " and " + BOUND);
  }

  static void release(int port) {
    TAKEN.remove(port);
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = listen(port)) {
      return socket.isBound();
    } catch (IOException inUse) {
      return false;
    }
  }

  /** Listens on the loopback interface. */
  @SuppressWarnings("AddressSelection") // a literal: there is nothing to select from
  static ServerSocket listen(int port) throws IOException {
    return new ServerSocket(port, BACKLOG, InetAddress.getByName(RedisServer.HOST));
  }
}
