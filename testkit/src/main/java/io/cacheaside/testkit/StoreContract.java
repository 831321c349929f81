package io.cacheaside.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cacheaside.store.Store;
import io.cacheaside.store.TimedState;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link Store} has to do, as JUnit tests: extend it for a store of your own.
 *
 * <pre>{@code
 * class MyStoreTest extends StoreContract {
 *   @Override
 *   protected Store open() {
 *     return MyStore.connect(uri);
 *   }
 * }
 * }</pre>
 *
 * <p>The tests need room for 60 MiB and 10,000 keys, and a deadline of the store that is long
 * enough for 16 MiB. Their keys begin with {@code contract:} and a random part, and some are left
 * behind with times to live of an hour, so a server may be used by others at the same time. It has
 * to keep what it is given for the duration of a test: a store that evicts fails.
 *
 * <p>Not covered, since it cannot be seen from outside: that no method blocks, that arrays are not
 * changed after they were handed over, that reads come from the primary copy, and that removing
 * works in a store that is out of memory.
 */
public abstract class StoreContract extends StoreChanges {
  private static final Duration SHORT = Duration.ofMillis(250);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** How far the store's clock and ours, both in whole milliseconds, may be apart after a while. */
  private static final Duration CLOCK_TOLERANCE = Duration.ofMillis(10);

  private static final int MIB = 1 << 20;

  @Test
  void readsNothingWhereNothingIs() throws Exception {
    assertNothing(key("none"));
    assertThat(await(store().readTimed(key("none"), 16))).isNull();
  }

  @Test
  void putIfAbsentStoresWhereNothingIs() throws Exception {
    assertThat(await(store().putIfAbsent(key("new"), bytes("state"), LONG))).isNull();

    assertState(key("new"), "state");
    assertRemaining(key("new"), LONG);
  }

  @Test
  void putIfAbsentLeavesAndReturnsWhatIsThere() throws Exception {
    put(key("old"), "old state");

    byte[] found = await(store().putIfAbsent(key("old"), bytes("new state"), MINUTE));

    assertThat(found).isEqualTo(bytes("old state"));
    assertState(key("old"), "old state");
    assertRemaining(key("old"), LONG);
  }

  @Test
  void putReplacesStateAndTimeToLive() throws Exception {
    put(key("put"), "old and longer state");

    await(store().put(key("put"), bytes("new state"), MINUTE));

    assertState(key("put"), "new state");
    assertRemaining(key("put"), MINUTE);
  }

  @Test
  void swapReplacesTheStateThatBeginsWithTheStamp() throws Exception {
    put(key("swap"), "old:payload");

    assertThat(await(swap("swap", "old:", "new:other payload", MINUTE))).isTrue();

    assertState(key("swap"), "new:other payload");
    assertRemaining(key("swap"), MINUTE);
  }

  @Test
  void swapWithoutTimeToLiveKeepsWhatRemains() throws Exception {
    await(store().put(key("kept"), bytes("old:payload"), MINUTE));

    assertThat(await(swap("kept", "old:", "new:payload", null))).isTrue();

    assertState(key("kept"), "new:payload");
    assertRemaining(key("kept"), MINUTE);
  }

  @Test
  void swapRepeatedFindsItsOwnNewStamp() throws Exception {
    put(key("repeated"), "old:payload");

    assertThat(await(swap("repeated", "old:", "new:payload", LONG))).isTrue();
    assertThat(await(swap("repeated", "old:", "new:payload", LONG))).isFalse();

    assertState(key("repeated"), "new:payload");
  }

  @Test
  void swapHeadOverwritesTheBeginningOnly() throws Exception {
    put(key("head"), "old:state:payload");

    assertThat(await(swapHead("head", "old:", "new:moved", MINUTE))).isTrue();

    assertState(key("head"), "new:moved:payload");
    assertRemaining(key("head"), MINUTE);
  }

  @Test
  void swapHeadWithoutTimeToLiveKeepsWhatRemains() throws Exception {
    await(store().put(key("head"), bytes("old:state:payload"), MINUTE));

    assertThat(await(swapHead("head", "old:state", "new:", null))).isTrue();

    assertState(key("head"), "new:state:payload");
    assertRemaining(key("head"), MINUTE);
  }

  @Test
  void swapHeadCanBeTheWholeState() throws Exception {
    put(key("whole"), "old:");

    assertThat(await(swapHead("whole", "old:", "new:", LONG))).isTrue();

    assertState(key("whole"), "new:");
  }

  @Test
  void removeOfAStampRemovesTheStateThatBeginsWithIt() throws Exception {
    put(key("stamped"), "stamp:payload");

    assertThat(await(store().remove(key("stamped"), bytes("stamp:")))).isTrue();

    assertNothing(key("stamped"));
  }

  @Test
  void removeRemovesWhateverIsThere() throws Exception {
    put(key("there"), "state");

    assertThat(await(store().remove(key("there")))).isTrue();
    assertThat(await(store().remove(key("there")))).isFalse();

    assertNothing(key("there"));
    assertThat(await(store().putIfAbsent(key("there"), bytes("again"), LONG))).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "s", "stamp", "stampX", "Stamp:", "xstamp:", "state:stamp:", "stamp;payload"})
  void anotherStateMatchesNoStamp(String state) throws Exception {
    put(key("other"), state);

    assertMatchesNoStamp("other");

    assertThat(timed("other", 16).bytes()).isEqualTo(bytes(state));
    assertRemaining(key("other"), LONG);
  }

  @Test
  void nothingMatchesNoStamp() throws Exception {
    assertMatchesNoStamp("none");

    assertNothing(key("none"));
  }

  @Test
  void stampsAreComparedAsBytes() throws Exception {
    byte[] everyByte = new byte[256];
    for (int i = 0; i < everyByte.length; i++) {
      everyByte[i] = (byte) i;
    }
    byte[] almost = everyByte.clone();
    almost[255] = 0;
    await(store().put(key("bytes"), everyByte, LONG));

    assertThat(await(store().swap(key("bytes"), almost, bytes("new"), LONG))).isFalse();
    assertThat(await(store().swapHead(key("bytes"), everyByte, almost, LONG))).isTrue();
    assertThat(await(store().swap(key("bytes"), almost, everyByte, null))).isTrue();
    assertThat(await(store().read(key("bytes")))).isEqualTo(everyByte);
    assertThat(await(store().remove(key("bytes"), almost))).isFalse();
    assertThat(await(store().remove(key("bytes"), everyByte))).isTrue();
  }

  @Test
  void anEmptyStateIsAState() throws Exception {
    assertThat(await(store().putIfAbsent(key("empty"), new byte[0], LONG))).isNull();

    assertThat(await(store().read(key("empty")))).isNullOrEmpty();
    assertThat(await(store().putIfAbsent(key("empty"), bytes("state"), LONG))).isEmpty();
    assertThat(timed("empty", 16).bytes()).isEmpty();
    assertRemaining(key("empty"), LONG);
    assertMatchesNoStamp("empty");
    assertThat(await(store().remove(key("empty")))).isTrue();
    assertNothing(key("empty"));
  }

  @Test
  void aStateCanBecomeEmpty() throws Exception {
    put(key("emptied"), "stamp:payload");

    assertThat(await(swap("emptied", "stamp:", "", null))).isTrue();

    assertThat(timed("emptied", 16).bytes()).isEmpty();
    assertRemaining(key("emptied"), LONG);
  }

  @ParameterizedTest
  @ValueSource(ints = {MIB, 16 * MIB})
  void statesCanBeLarge(int sizeBytes) throws Exception {
    byte[] state = randomBytes(sizeBytes);
    byte[] other = randomBytes(sizeBytes);
    byte[] stamp = Arrays.copyOf(state, 16);
    String key = key("large");

    await(store().put(key, state, LONG));
    assertThat(Arrays.equals(await(store().read(key)), state)).isTrue();
    assertThat(timed("large", 64).bytes()).isEqualTo(Arrays.copyOf(state, 64));

    assertThat(await(store().swapHead(key, stamp, bytes("0123456789abcdef"), null))).isTrue();
    System.arraycopy(bytes("0123456789abcdef"), 0, state, 0, 16);
    assertThat(Arrays.equals(await(store().read(key)), state)).isTrue();

    assertThat(await(store().swap(key, bytes("0123456789abcdef"), other, LONG))).isTrue();
    byte[] found = await(store().putIfAbsent(key, state, LONG));
    assertThat(Arrays.equals(found, other)).isTrue();
    assertThat(await(store().remove(key))).isTrue();
  }

  @Test
  void keysAreTakenAsTheyAre() throws Exception {
    List<String> keys =
        List.of(
            key("k"),
            key("k "),
            key(" k"),
            key("k\n"),
            key("k\r\n"),
            key("k\0"),
            key("K"),
            key("k:"),
            key("k::"),
            key("{k}"),
            key("{k"),
            key("k}"),
            key("{}k"),
            key("k*"),
            key("k?"),
            key("[k]"),
            key("\\k"),
            key("\"k\""),
            key("é"),
            key("e\u0301"),
            key("日本"),
            key("\uD83D\uDE00"),
            key("%6b"),
            key("k".repeat(8_192)));
    forEach(keys, key -> store().put(key, bytes("state of " + key), LONG));

    List<byte @Nullable []> states = forEach(keys, key -> store().read(key));
    List<Boolean> swapped =
        forEach(keys, key -> store().swap(key, bytes("state of "), bytes("new"), null));
    List<Boolean> removed = forEach(keys, key -> store().remove(key, bytes("new")));

    assertThat(states.stream().map(state -> text(state)))
        .containsExactlyElementsOf(keys.stream().map("state of "::concat).toList());
    assertThat(swapped).containsOnly(true);
    assertThat(removed).containsOnly(true);
    assertThat(forEach(keys, key -> store().read(key))).containsOnlyNulls();
  }

  @Test
  void readTimedReturnsTheFirstBytesAndTheRemainingTime() throws Exception {
    put(key("timed"), "0123456789");

    assertThat(timed("timed", 1).bytes()).isEqualTo(bytes("0"));
    assertThat(timed("timed", 9).bytes()).isEqualTo(bytes("012345678"));
    assertThat(timed("timed", 10).bytes()).isEqualTo(bytes("0123456789"));
    assertThat(timed("timed", Integer.MAX_VALUE).bytes()).isEqualTo(bytes("0123456789"));
    assertRemaining(key("timed"), LONG);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void readTimedRefusesToReadNothing(int maxBytes) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> store().readTimed(key("timed"), maxBytes));
  }

  @ParameterizedTest
  @EnumSource
  void theLongestTimeToLiveIsAccepted(Write write) throws Exception {
    await(write.perform(store(), key("long"), Store.MAX_TTL));

    assertRemaining(key("long"), Store.MAX_TTL);
  }

  @ParameterizedTest
  @EnumSource
  void theShortestTimeToLiveIsAccepted(Write write) throws Exception {
    await(write.perform(store(), key("short"), Duration.ofMillis(1)));

    awaitNothing(key("short"));
  }

  @ParameterizedTest
  @EnumSource
  void timesToLiveOutsideOfTheBoundsAreRefused(Write write) throws Exception {
    List<Duration> refused =
        List.of(
            Duration.ZERO,
            Duration.ofMillis(-1),
            Duration.ofSeconds(Long.MIN_VALUE),
            Store.MAX_TTL.plusMillis(1),
            Duration.ofSeconds(Long.MAX_VALUE));

    for (Duration ttl : refused) {
      assertThatIllegalArgumentException()
          .as(ttl.toString())
          .isThrownBy(() -> write.perform(store(), key("refused"), ttl));
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsReturnedAfterItsTimeToLive(Write write) throws Exception {
    String key = key("expiring");
    await(write.perform(store(), key, SHORT));
    long acknowledged = nanoTime();

    long lastSeen = awaitNothing(key);

    assertThat(Duration.ofNanos(lastSeen - acknowledged))
        .isLessThanOrEqualTo(SHORT.plus(CLOCK_TOLERANCE));
    assertMatchesNoStamp("expiring");
    assertThat(await(store().readTimed(key, 16))).isNull();
    assertThat(await(store().remove(key))).isFalse();
    assertThat(await(store().putIfAbsent(key, bytes("again"), LONG))).isNull();
  }

  @Test
  void readTimedReturnsNothingAfterTheTimeToLive() throws Exception {
    String key = key("timed-expiring");
    await(store().put(key, bytes("state"), SHORT));
    long acknowledged = nanoTime();

    long asked = nanoTime();
    TimedState timed = await(store().readTimed(key, 16));
    while (timed != null) {
      assertThat(timed.remaining()).isBetween(Duration.ZERO, SHORT);
      assertThat(Duration.ofNanos(asked - acknowledged).plus(timed.remaining()))
          .isLessThanOrEqualTo(SHORT.plus(CLOCK_TOLERANCE));
      passTime();
      asked = nanoTime();
      timed = await(store().readTimed(key, 16));
    }
  }

  @Test
  void whatIsNotAStateReadsAsAnEmptyOne() throws Exception {
    putForeign(key("foreign"));

    assertState(key("foreign"), "");
    assertThat(timed("foreign", 16).bytes()).isEmpty();
    assertThat(await(store().putIfAbsent(key("foreign"), bytes("state"), LONG))).isEmpty();
    assertMatchesNoStamp("foreign");
    assertState(key("foreign"), "");
  }

  @Test
  void putGetsRidOfWhatIsNotAState() throws Exception {
    putForeign(key("foreign"));

    put(key("foreign"), "state");

    assertState(key("foreign"), "state");
    assertRemaining(key("foreign"), LONG);
  }

  @Test
  void removeGetsRidOfWhatIsNotAState() throws Exception {
    putForeign(key("foreign"));

    assertThat(await(store().remove(key("foreign")))).isTrue();

    assertNothing(key("foreign"));
  }

  private CompletionStage<Boolean> swap(
      String name, String stamp, String state, @Nullable Duration ttl) {
    return store().swap(key(name), bytes(stamp), bytes(state), ttl);
  }

  private CompletionStage<Boolean> swapHead(
      String name, String stamp, String head, @Nullable Duration ttl) {
    return store().swapHead(key(name), bytes(stamp), bytes(head), ttl);
  }

  private void assertMatchesNoStamp(String name) throws Exception {
    assertThat(await(swap(name, "stamp:", "new:payload", MINUTE))).isFalse();
    assertThat(await(swap(name, "stamp:", "new:payload", null))).isFalse();
    assertThat(await(swapHead(name, "stamp:", "new:", MINUTE))).isFalse();
    assertThat(await(swapHead(name, "stamp:", "new:", null))).isFalse();
    assertThat(await(store().remove(key(name), bytes("stamp:")))).isFalse();
  }

  private TimedState timed(String name, int maxBytes) throws Exception {
    TimedState timed = await(store().readTimed(key(name), maxBytes));
    assertThat(timed).isNotNull();
    return timed;
  }

  /** Checks that the time to live began not long ago. */
  private void assertRemaining(String key, Duration ttl) throws Exception {
    TimedState timed = await(store().readTimed(key, 1));
    assertThat(timed).isNotNull();
    assertThat(timed.remaining()).isBetween(ttl.minus(MINUTE.dividedBy(2)), ttl);
  }

  /** Reads until there is nothing and returns when the last read that found something was sent. */
  private long awaitNothing(String key) throws Exception {
    long begin = nanoTime();
    long lastSeen = begin;
    long asked = begin;
    while (await(store().read(key)) != null) {
      assertThat(Duration.ofNanos(asked - begin)).as("time to expire").isLessThan(MINUTE);
      lastSeen = asked;
      passTime();
      asked = nanoTime();
    }
    return lastSeen;
  }

  private static byte[] randomBytes(int count) {
    byte[] bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    return bytes;
  }

  /** The ways to give a state a time to live. */
  enum Write {
    PUT_IF_ABSENT {
      @Override
      CompletionStage<?> perform(Store store, String key, Duration ttl) {
        return store.putIfAbsent(key, NEW, ttl);
      }
    },
    PUT {
      @Override
      CompletionStage<?> perform(Store store, String key, Duration ttl) {
        return store.put(key, NEW, ttl);
      }
    },
    SWAP {
      @Override
      CompletionStage<?> perform(Store store, String key, Duration ttl) {
        store.put(key, OLD, LONG);
        return store.swap(key, OLD_STAMP, NEW, ttl);
      }
    },
    SWAP_HEAD {
      @Override
      CompletionStage<?> perform(Store store, String key, Duration ttl) {
        store.put(key, OLD, LONG);
        return store.swapHead(key, OLD_STAMP, NEW_STAMP, ttl);
      }
    },
    PUT_AND_SWAP_KEEPING_IT {
      @Override
      CompletionStage<?> perform(Store store, String key, Duration ttl) {
        store.put(key, OLD, ttl);
        return store.swap(key, OLD_STAMP, NEW, null);
      }
    },
    PUT_AND_SWAP_HEAD_KEEPING_IT {
      @Override
      CompletionStage<?> perform(Store store, String key, Duration ttl) {
        store.put(key, OLD, ttl);
        return store.swapHead(key, OLD_STAMP, NEW_STAMP, null);
      }
    };

    private static final byte[] OLD = bytes("old:payload");
    private static final byte[] OLD_STAMP = bytes("old:");
    private static final byte[] NEW = bytes("new:payload");
    private static final byte[] NEW_STAMP = bytes("new:");

    abstract CompletionStage<?> perform(Store store, String key, Duration ttl);
  }
}
