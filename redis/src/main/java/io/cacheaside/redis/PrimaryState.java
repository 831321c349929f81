package io.cacheaside.redis;

import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What must stay as it is on a primary while its keys are scanned.
 *
 * @param runId changes with every start of the server
 * @param slots the slots it owns by its own account, as in the answer to {@code CLUSTER NODES};
 *     empty outside a cluster
 */
record PrimaryState(String runId, String slots) {
  static final int ALL_SLOTS = 16_384;

  private static final Pattern RUN_ID = Pattern.compile("(?m)^run_id:(\\w+)");
  private static final Pattern PRIMARY = Pattern.compile("(?m)^role:master");
  private static final Pattern OWN_SLOTS =
      Pattern.compile("(?m)^(?:\\S+ ){2}\\S*myself\\S*(?: \\S+){5}(.*)$");

  /**
   * Reads the state.
   *
   * @param info the answer to {@code INFO server replication}
   * @param clusterNodes the answer to {@code CLUSTER NODES}; empty outside a cluster
   */
  static PrimaryState of(String info, String clusterNodes) {
    Matcher runId = RUN_ID.matcher(info);
    if (!runId.find() || !PRIMARY.matcher(info).find()) {
      throw disturbed("the server is not a primary");
    }
    Matcher slots = OWN_SLOTS.matcher(clusterNodes);
    PrimaryState state =
        new PrimaryState(runId.group(1), slots.find() ? slots.group(1).strip() : "");
    if (state.slots.contains("[")) {
      throw disturbed("slots are being moved");
    }
    return state;
  }

  static StoreException disturbed(String what) {
    return new StoreException(Reason.INTERRUPTED, what + " while its keys were scanned", null);
  }

  /** Returns the numbers in {@code 0-5460 10000}. */
  BitSet ownedSlots() {
    BitSet owned = new BitSet(ALL_SLOTS);
    for (String range : slots.split(" ", -1)) {
      if (!range.isEmpty()) {
        String[] ends = range.split("-", -1);
        owned.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
      }
    }
    return owned;
  }
}
