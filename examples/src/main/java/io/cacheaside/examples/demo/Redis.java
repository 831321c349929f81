package io.cacheaside.examples.demo;

import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.TcpProxy;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The Redis of the demo: a server of its own, or the user's, which is never stopped or emptied. */
interface Redis extends AutoCloseable {

  /** Returns the address. */
  String uri();

  /** Returns an address at which {@link #lose()} is felt. */
  String fragileUri();

  /** Returns whether the server, with its data, ends with the demo. */
  boolean isOwn();

  /** Tells in a few words how Redis is lost. */
  String loss();

  /** Makes Redis unreachable at the fragile address. */
  void lose();

  /** Makes Redis reachable again. */
  void bringBack();

  @Override
  void close();

  /** Starts a server, or takes the user's. */
  static Redis open(@Nullable String userUri) {
    return userUri == null ? new OwnServer(RedisServer.start()) : UsersServer.at(userUri);
  }

  /** A real redis-server, a child process of this one. */
  record OwnServer(RedisServer server) implements Redis {
    @Override
    public String uri() {
      return server.uri();
    }

    @Override
    public String fragileUri() {
      return server.uri();
    }

    @Override
    public boolean isOwn() {
      return true;
    }

    @Override
    public String loss() {
      return "redis-server is killed";
    }

    @Override
    public void lose() {
      server.kill();
    }

    @Override
    public void bringBack() {
      server.restart();
    }

    @Override
    public void close() {
      server.close();
    }

    @Override
    public String toString() {
      String version = server.info("server").get("redis_version");
      return "redis-server "
          + version
          + ", started by this demo at "
          + server.host()
          + ":"
          + server.port();
    }
  }

  /** A server of the user's, with a proxy in front of it that can be cut. */
  record UsersServer(String uri, String fragileUri, TcpProxy proxy) implements Redis {
    private static final Set<String> SCHEMES = Set.of("redis", "rediss");
    private static final int DEFAULT_PORT = 6379;

    static UsersServer at(String uri) {
      URI parsed = parse(uri);
      TcpProxy proxy = TcpProxy.to(parsed.getHost(), port(parsed));
      String user = parsed.getRawUserInfo() == null ? "" : parsed.getRawUserInfo() + "@";
      String server = user + proxy.host() + ":" + proxy.port();
      String fragileUri = parsed.getScheme() + "://" + server + parsed.getRawPath();
      return new UsersServer(uri, fragileUri, proxy);
    }

    private static int port(URI uri) {
      return uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
    }

    private static URI parse(String uri) {
      try {
        URI parsed = new URI(uri);
        if (SCHEMES.contains(String.valueOf(parsed.getScheme())) && parsed.getHost() != null) {
          return parsed;
        }
      } catch (URISyntaxException e) {
        // Its message would show the password.
      }
      throw new IllegalArgumentException(
          "REDIS_URL has to name one server, like redis://user:password@host:6379/0");
    }

    @Override
    public boolean isOwn() {
      return false;
    }

    @Override
    public String loss() {
      return "the connection to your Redis is cut";
    }

    @Override
    public void lose() {
      proxy.down();
    }

    @Override
    public void bringBack() {
      proxy.up();
    }

    @Override
    public void close() {
      proxy.close();
    }

    /** Shows no password. */
    @Override
    public String toString() {
      URI parsed = parse(uri);
      return "yours at " + parsed.getHost() + ":" + port(parsed);
    }
  }
}
