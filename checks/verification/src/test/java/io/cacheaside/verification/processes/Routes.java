package io.cacheaside.verification.processes;

import io.lettuce.core.RedisURI;
import io.lettuce.core.resource.DnsResolvers;
import io.lettuce.core.resource.SocketAddressResolver;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;

/** Leads to other ports than those that servers, and the nodes of a cluster, call their own. */
public final class Routes extends SocketAddressResolver {
  private final Map<Integer, Integer> ports;

  /** Where to connect instead of the keys; other ports are left as they are. */
  public Routes(Map<Integer, Integer> ports) {
    super(DnsResolvers.UNRESOLVED);
    this.ports = ports;
  }

  @Override
  public SocketAddress resolve(RedisURI uri) {
    return new InetSocketAddress(uri.getHost(), ports.getOrDefault(uri.getPort(), uri.getPort()));
  }
}
