package io.cacheaside.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.redis.CopyMarks.Mark;
import io.lettuce.core.cluster.SlotHash;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CopyMarksTest {
  private static final List<String> KEYS = List.of("users:1", "{a}b", "a{b}c", "}", "{}", "{", "é");

  private static CopyMarks marks(String prefix, boolean cluster) {
    RedisSettings settings = RedisStore.builder().cluster(cluster).prefix(prefix).settings();
    return new CopyMarks(settings, new StateCodec(prefix));
  }

  private static int slot(String prefix, String key) {
    return SlotHash.getSlot(new StateCodec(prefix).encodeKey(key));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "cache:", "a{b", "a}b", "}{", "é{"})
  void thereIsAMarkForEverySlot(String prefix) {
    CopyMarks marks = marks(prefix, true);
    for (int slot = 0; slot < SlotHash.SLOT_COUNT; slot++) {
      Mark mark = marks.in(slot);

      assertThat(mark.slot()).isEqualTo(slot);
      assertThat(slot(prefix, mark.key())).isEqualTo(slot);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "cache:", "{app}:", "a{b", "x{y}{"})
  void aMarkCanBeWhereAKeyIs(String prefix) {
    CopyMarks marks = marks(prefix, true);
    for (String key : KEYS) {
      BitSet slots = marks.slotsOf(List.of(key));

      assertThat(slots.stream()).containsExactly(slot(prefix, key));
      assertThat(slot(prefix, marks.in(slot(prefix, key)).key())).isEqualTo(slot(prefix, key));
    }
  }

  @Test
  void noKeysAreInAnySlotUnlessThePrefixSaysWhich() {
    assertThat(marks("cache:", true).slotsOf(List.of()).stream()).isEmpty();
    assertThat(marks("{app}:", true).slotsOf(List.of()).stream())
        .containsExactly(slot("{app}:", ""));
  }

  @Test
  void outsideOfAClusterThereIsOneSlot() {
    CopyMarks marks = marks("cache:", false);

    assertThat(marks.slotsOf(KEYS).stream()).containsExactly(0);
    assertThat(marks.slotsOf(List.of()).stream()).containsExactly(0);
    assertThat(marks.in(0).key()).startsWith("%w:");
  }

  @Test
  void noMarkIsMadeTwice() {
    CopyMarks one = marks("cache:", true);
    CopyMarks other = marks("cache:", true);
    Set<String> made = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      made.add(one.in(7).key());
      made.add(other.in(7).key());
    }

    assertThat(made).hasSize(200);
  }
}
