package io.cacheaside.redis;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the URI of a Redis says, see {@link RedisStoreBuilder#uri} for its grammar. */
@SuppressWarnings("ArrayRecordComponent")
record RedisUri(
    Topology topology,
    boolean tls,
    @Nullable String username,
    char @Nullable [] password,
    List<Node> nodes,
    int database,
    @Nullable String sentinelMaster) {
  static final RedisUri NOTHING =
      new RedisUri(Topology.STANDALONE, false, null, null, List.of(), 0, null);

  static RedisUri parse(String text) {
    return new RedisUriParser(text).parsed();
  }

  /** Shows no password. */
  @Override
  public String toString() {
    return topology.scheme(tls) + "://" + nodes;
  }
}
