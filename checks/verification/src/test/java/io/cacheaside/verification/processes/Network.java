package io.cacheaside.verification.processes;

import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.TcpProxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The ways of one process to each of the servers, through a proxy each. */
public final class Network implements AutoCloseable {
  private final Map<Integer, TcpProxy> proxies = new HashMap<>();

  public Network(List<RedisServer> servers) {
    servers.forEach(server -> proxies.put(server.port(), TcpProxy.to(server)));
  }

  /** Returns to which port to connect instead of that of a server. */
  public Map<Integer, Integer> routes() {
    return proxies.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, proxy -> proxy.getValue().port()));
  }

  /** Changes all of them. */
  public void each(Consumer<TcpProxy> change) {
    proxies.values().forEach(change);
  }

  /** Returns the way to one of the servers. */
  public TcpProxy to(RedisServer server) {
    return Objects.requireNonNull(proxies.get(server.port()));
  }

  @Override
  public void close() {
    each(TcpProxy::close);
  }
}
