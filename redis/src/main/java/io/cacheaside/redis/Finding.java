package io.cacheaside.redis;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node refuses of what reads and fills need.
 *
 * @param node its name in a cluster; empty if there is only one
 * @param isAnswer whether it has answered at all
 * @param missing the ACL rules that would permit it
 * @param refusal the error with which it refuses to store anything although the user may; null if
 *     there is none
 */
record Finding(String node, boolean isAnswer, List<String> missing, @Nullable String refusal) {
  private static final String REPLICA = "READONLY";

  static Finding unknown(String node) {
    return new Finding(node, false, List.of(), null);
  }

  boolean isNothing() {
    return missing.isEmpty() && refusal == null;
  }

  /** Returns whether waiting cannot heal it. */
  boolean isPermanent() {
    return !missing.isEmpty();
  }

  /** Returns whether all there is to say is that the node is a replica. */
  boolean isReplica() {
    return missing.isEmpty() && refusal != null && refusal.startsWith(REPLICA);
  }

  String message(RedisSettings settings) {
    String where = settings.address() + (node.isEmpty() ? "" : ", node " + node + ",");
    return missing.isEmpty()
        ? "%s refuses to store anything: %s".formatted(where, refusal)
        : "%s refuses commands (NOPERM): %s"
            .formatted(where, settings.grant(String.join(" ", missing)));
  }
}
