package io.cacheaside.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.store.StoreException;
import org.junit.jupiter.api.Test;

class PrimaryStateTest {
  private static final String INFO =
      "# Server\r\nredis_version:7.0.15\r\nrun_id:4f2a\r\n\r\n# Replication\r\nrole:master\r\n";
  private static final String OTHERS =
      "aaa 127.0.0.1:7002@17002 master - 0 1700000000000 2 connected 5461-10922\n"
          + "bbb 127.0.0.1:7004@17004 slave aaa 0 1700000000000 2 connected\n";

  private static String nodes(String slots) {
    return OTHERS
        + "ccc 127.0.0.1:7001@17001,host.name myself,master - 0 0 1 connected"
        + slots
        + "\n";
  }

  @Test
  void outsideOfAClusterOnlyTheRunCounts() {
    PrimaryState state = PrimaryState.of(INFO, "");

    assertThat(state).isEqualTo(new PrimaryState("4f2a", ""));
    assertThat(state.ownedSlots().isEmpty()).isTrue();
  }

  @Test
  void ownSlotsAreRead() {
    PrimaryState state = PrimaryState.of(INFO, nodes(" 0-5460 10923 16383"));

    assertThat(state.slots()).isEqualTo("0-5460 10923 16383");
    assertThat(state.ownedSlots().cardinality()).isEqualTo(5_463);
    assertThat(state.ownedSlots().get(0)).isTrue();
    assertThat(state.ownedSlots().get(5_461)).isFalse();
    assertThat(state.ownedSlots().get(16_383)).isTrue();
  }

  @Test
  void aPrimaryMayOwnNothing() {
    assertThat(PrimaryState.of(INFO, nodes("")).ownedSlots().isEmpty()).isTrue();
  }

  @Test
  void aReplicaIsNoPrimary() {
    assertDisturbed(INFO.replace("role:master", "role:slave"), "", "not a primary");
  }

  @Test
  void slotsThatAreBeingMovedAreNoticed() {
    assertDisturbed(INFO, nodes(" 0-5460 [93->-aaa]"), "slots are being moved");
    assertDisturbed(INFO, nodes(" 0-5460 [77-<-aaa]"), "slots are being moved");
  }

  private static void assertDisturbed(String info, String nodes, String message) {
    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> PrimaryState.of(info, nodes))
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(StoreException.Reason.INTERRUPTED));
  }
}
