package io.cacheaside.testkit;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What one node believes about its cluster, by the nodes' ports. Two nodes that believe the same
 * have equal views.
 *
 * @see <a href="https://redis.io/docs/latest/commands/cluster-nodes/">CLUSTER NODES</a>
 */
record ClusterView(Map<Integer, Member> members) {

  private static final int ID = 0;
  private static final int ADDRESS = 1;
  private static final int FLAGS = 2;
  private static final int MASTER_ID = 3;
  private static final int FIRST_SLOTS = 8;

  /**
   * One node.
   *
   * @param masterId the id of the master it replicates, or {@code -}
   * @param slots ranges such as {@code 5461-10922} and single slots
   */
  record Member(String id, String masterId, Set<String> flags, List<String> slots) {

    boolean ownsSlots() {
      return !slots.isEmpty();
    }

    boolean owns(int slot) {
      return slots.stream().anyMatch(range -> contains(range, slot));
    }

    private static boolean contains(String range, int slot) {
      String[] ends = range.split("-", 2);
      return Integer.parseInt(ends[0]) <= slot && slot <= Integer.parseInt(ends[ends.length - 1]);
    }
  }

  static ClusterView of(RedisServer node) {
    return new ClusterView(
        String.valueOf(node.command("CLUSTER", "NODES"))
            .lines()
            .map(line -> line.split(" ", -1))
            .collect(
                Collectors.toMap(
                    ClusterView::port, ClusterView::member, (one, other) -> other, TreeMap::new)));
  }

  private static int port(String[] line) {
    String address = line[ADDRESS];
    return Integer.parseInt(address.substring(address.indexOf(':') + 1, address.indexOf('@')));
  }

  private static Member member(String[] line) {
    Set<String> flags = new TreeSet<>(Set.of(line[FLAGS].split(",")));
    flags.remove("myself");
    List<String> slots =
        Arrays.stream(line).skip(FIRST_SLOTS).filter(range -> !range.startsWith("[")).toList();
    return new Member(line[ID], line[MASTER_ID], flags, slots);
  }

  Member member(RedisServer node) {
    Member member = members.get(node.port());
    if (member == null) {
      throw new IllegalStateException(node + " is not a member of the cluster");
    }
    return member;
  }
}
