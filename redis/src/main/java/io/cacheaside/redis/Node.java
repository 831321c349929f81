package io.cacheaside.redis;

import java.util.regex.Pattern;

/** The address of a server, a node of a cluster, or a Sentinel. */
record Node(String host, int port) {
  private static final int MAX_PORT = 65_535;
  private static final Pattern HOST = Pattern.compile("[^\\s\\[\\]/@?#,]+");

  Node {
    if (!HOST.matcher(host).matches()) {
      throw new IllegalArgumentException(
          "host = '%s': give a host name or an IP address".formatted(host));
    }
    if (port < 1 || port > MAX_PORT) {
      throw new IllegalArgumentException(
          "port = %d: give a number from 1 to %d".formatted(port, MAX_PORT));
    }
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
    throw new IllegalArgumentException("address = '%s': give host:port".formatted(text));
  }

  @Override
  public String toString() {
    return (host.contains(":") ? '[' + host + ']' : host) + ':' + port;
  }
}
