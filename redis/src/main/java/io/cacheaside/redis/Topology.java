package io.cacheaside.redis;

/** How the servers behind a store are arranged. */
enum Topology {
  STANDALONE("redis", 6379),
  SENTINEL("redis-sentinel", 26_379),
  CLUSTER("redis-cluster", 6379);

  private final String scheme;
  private final int defaultPort;

  Topology(String scheme, int defaultPort) {
    this.scheme = scheme;
    this.defaultPort = defaultPort;
  }

  int defaultPort() {
    return defaultPort;
  }

  /** Returns the scheme of an URI, which has a second s for TLS: {@code rediss-sentinel}. */
  String scheme(boolean tls) {
    return tls ? scheme.replaceFirst("redis", "rediss") : scheme;
  }
}
