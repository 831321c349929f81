package io.cacheaside.verification.history;

import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.TcpProxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The way of one worker to each of the servers. */
final class Network implements AutoCloseable {
  private final Map<Integer, TcpProxy> proxies = new HashMap<>();

  Network(List<RedisServer> servers) {
    servers.forEach(server -> proxies.put(server.port(), TcpProxy.to(server)));
  }

  /** Returns to which port to connect instead of that of a server. */
  Map<Integer, Integer> routes() {
    return proxies.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, proxy -> proxy.getValue().port()));
  }

  void each(Consumer<TcpProxy> change) {
    proxies.values().forEach(change);
  }

  @Override
  public void close() {
    each(TcpProxy::close);
  }
}
