package io.cacheaside.redis;

import java.util.regex.Pattern;

/** The address of a server, a node of a cluster, or a Sentinel. */
record Node(String host, int port) {
  private static final int MAX_PORT = 65_535;
  private static final Pattern HOST = Pattern.compile("[^\\s\\[\\]/@?#,]+");

  Node {
    checkedHost(host);
    checkedPort(port);
  }

  /** Returns a host name or an IP address; refuses anything else. */
  static String checkedHost(String host) {
    if (!HOST.matcher(host).matches()) {
      throw new IllegalArgumentException(
          "host is '%s'; use a host name or an IP address".formatted(host));
    }
    return host;
  }

  /** Returns the number of a port; refuses any other. */
  static int checkedPort(int port) {
    if (port < 1 || port > MAX_PORT) {
      throw new IllegalArgumentException("port is %d; use 1 to %d".formatted(port, MAX_PORT));
    }
    return port;
  }

  /** Reads {@code host}, {@code host:port} or {@code [IPv6 address]:port}. */
  static Node parse(String text, int defaultPort) {
    int hostEnd = text.startsWith("[") ? text.indexOf(']') + 1 : text.lastIndexOf(':');
    if (hostEnd <= 0) {
      return new Node(text, defaultPort);
    }
    String host =
        text.startsWith("[") ? text.substring(1, hostEnd - 1) : text.substring(0, hostEnd);
    return hostEnd == text.length()
        ? new Node(host, defaultPort)
        : new Node(host, parsePort(text, hostEnd));
  }

  private static int parsePort(String text, int colon) {
    try {
      if (text.charAt(colon) == ':') {
        return Integer.parseInt(text.substring(colon + 1));
      }
    } catch (NumberFormatException e) {
      // said below, with the address
    }
    throw new IllegalArgumentException("address is '%s'; use host:port".formatted(text));
  }

  @Override
  public String toString() {
    return (host.contains(":") ? '[' + host + ']' : host) + ':' + port;
  }
}
