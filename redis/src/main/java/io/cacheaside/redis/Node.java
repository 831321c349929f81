package io.cacheaside.redis;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The address of a server, a node of a cluster, or a Sentinel. */
record Node(String host, int port) {
  private static final int MAX_PORT = 65_535;
  private static final Pattern HOST = Pattern.compile("[^\\s\\[\\]/@?#,]+");
  private static final Pattern PORT = Pattern.compile("\\d{1,9}");
  private static final Pattern IP_V6 = Pattern.compile("[0-9a-fA-F:.%]*");
  private static final Pattern ADDRESS =
      Pattern.compile(
          "(?:\\[(?<ip>[^\\[\\]]*)]|(?<host>[^:\\[\\]]*))(?::(?<port>.*))?", Pattern.DOTALL);

  Node {
    checkedHost(host);
    checkedPort(port);
  }

  /** Returns a host name or an IP address; refuses anything else. */
  static String checkedHost(String host) {
    if (!HOST.matcher(host).matches()) {
      throw new IllegalArgumentException(
          "host is '%s'; use a host name or an IP address".formatted(shown(host)));
    }
    return host;
  }

  /** Hides what may be a password: it was meant for an URI. */
  private static String shown(String host) {
    int secretEnd = host.lastIndexOf('@');
    return secretEnd < 0 ? host : "***" + host.substring(secretEnd);
  }

  /** Returns the number of a port; refuses any other. */
  static int checkedPort(int port) {
    if (port < 1 || port > MAX_PORT) {
      throw new IllegalArgumentException("port is %d; use 1 to %d".formatted(port, MAX_PORT));
    }
    return port;
  }

  /**
   * Reads {@code host}, {@code host:port} or {@code [IPv6 address]:port}. A refusal does not show
   * what is no host: it may be a password.
   */
  static Node parse(String text, int defaultPort) {
    Matcher address = ADDRESS.matcher(text);
    if (!address.matches()) {
      throw new IllegalArgumentException(
          "an address has brackets; use host:port, or [IPv6 address]:port");
    }
    String host = address.group(address.group("ip") == null ? "host" : "ip");
    String port = address.group("port");
    return new Node(host, port == null ? defaultPort : parsePort(host, port));
  }

  private static int parsePort(String host, String port) {
    if (PORT.matcher(port).matches()) {
      return Integer.parseInt(port);
    }
    throw new IllegalArgumentException(
        IP_V6.matcher(host + port).matches() && port.indexOf(':') >= 0
            ? "an IPv6 address has no brackets; use [IPv6 address]:port"
            : "the port of '%s' is no number; use host:port".formatted(shown(host)));
  }

  @Override
  public String toString() {
    return (host.contains(":") ? '[' + host + ']' : host) + ':' + port;
  }
}
