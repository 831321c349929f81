package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheStats;
import io.cacheaside.SharedLoadException;
import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecOverloadedException;
import io.cacheaside.jackson.JsonCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** G8: whatever bytes the store returns, a read gives the value that was written, or a miss. */
@OnEveryStore
@Tag("edge")
class DamagedEntryTest extends CacheTest {
  private static final int FORMAT_OFFSET = 2;
  private static final int KIND_OFFSET = 3;
  private static final byte FAILURE = 5;

  private byte[] raw(String key) throws Exception {
    return store().read(stored(key)).toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private Duration remaining(String key) throws Exception {
    return store()
        .readTimed(stored(key), 1)
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS)
        .remaining();
  }

  private void putRaw(String key, byte[] bytes) throws Exception {
    putRaw(key, bytes, Duration.ofMinutes(1));
  }

  private void putRaw(String key, byte[] bytes, Duration ttl) throws Exception {
    store().put(stored(key), bytes, ttl).toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  /** What was cached and what the source has now differ: a wrong hit cannot hide. */
  private CacheAside<String, String> cacheWithAnEntry() {
    CacheAside<String, String> cache = open();
    cached(cache, "k", "value");
    source.with("k", "fresh");
    return cache;
  }

  private void assertMiss(CacheAside<String, String> cache, byte[] bytes) throws Exception {
    putRaw("k", bytes);
    CacheStats before = cache.stats();

    assertThat(cache.lookup("k").value()).isEmpty();
    assertThat(cache.get("k", source::get)).isEqualTo("fresh");

    assertThat(cache.stats().hits()).isEqualTo(before.hits());
    assertThat(cache.stats().misses()).isEqualTo(before.misses() + 1);
  }

  /** Turns payloads away as if others took all the memory. */
  private static Codec<String> turningAway(AtomicBoolean busy) {
    Codec<String> texts = Codec.string();
    return new Codec<>() {
      @Override
      public byte[] encode(String value) {
        return texts.encode(value);
      }

      @Override
      public String decode(ByteBuffer payload) {
        if (busy.get()) {
          throw new CodecOverloadedException("not now");
        }
        return texts.decode(payload);
      }
    };
  }

  @Test
  void anEntryThatIsNotReadNowStays() throws Exception {
    AtomicBoolean busy = new AtomicBoolean();
    CacheAside<String, String> cache = open(builder(turningAway(busy)));
    cached(cache, "k", "value");
    byte[] entry = raw("k");
    busy.set(true);

    assertThat(cache.get("k", key -> "loaded")).isEqualTo("loaded");
    assertThat(cache.getAll(List.of("k"), keys -> Map.of("k", "loaded"))).containsValue("loaded");
    assertThat(cache.stats().decodeFailures()).isEqualTo(2);
    eventually(() -> assertThat(isIdle()).isTrue());
    busy.set(false);

    assertThat(raw("k")).isEqualTo(entry);
    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("value");
  }

  @Test
  void aValueIsStoredAlthoughItCannotBeComparedNow() {
    AtomicBoolean busy = new AtomicBoolean(true);
    CacheAside<String, String> cache = open(builder(turningAway(busy)));

    assertThat(cache.get("k", key -> "v")).isEqualTo("v");
    eventually(() -> assertThat(cache.stats().fills()).isEqualTo(1));
    busy.set(false);

    assertCached(cache, "k", "v");
  }

  @Test
  void aBitFlippedAnywhereMakesAMiss() throws Exception {
    CacheAside<String, String> cache = cacheWithAnEntry();
    byte[] entry = raw("k");

    for (int bit = 0; bit < entry.length * Byte.SIZE; bit++) {
      byte[] flipped = entry.clone();
      flipped[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      assertMiss(cache, flipped);
    }
  }

  @Test
  void anEntryCutOffAnywhereMakesAMissAndIsReplaced() throws Exception {
    CacheAside<String, String> cache = cacheWithAnEntry();
    byte[] entry = raw("k");

    for (int length = 0; length < entry.length; length++) {
      assertMiss(cache, Arrays.copyOf(entry, length));
      eventually(() -> assertCached(cache, "k", "fresh"));
    }

    assertThat(cache.stats().decodeFailures()).isGreaterThanOrEqualTo(entry.length);
  }

  @Test
  void anEntryWithMoreBehindItMakesAMissAndIsReplaced() throws Exception {
    CacheAside<String, String> cache = cacheWithAnEntry();
    byte[] entry = raw("k");

    for (int length : new int[] {1, 4, 100}) {
      assertMiss(cache, Arrays.copyOf(entry, entry.length + length));
      eventually(() -> assertCached(cache, "k", "fresh"));
    }
  }

  static Stream<byte[]> foreignBytes() {
    byte[] random = new byte[200];
    new Random(1).nextBytes(random);
    return Stream.of(
        new byte[0],
        new byte[1],
        new byte[40],
        new byte[1_000],
        random,
        "{\"json\":true}".getBytes(),
        "a text that is quite a bit longer than any header of an entry of this".getBytes());
  }

  @ParameterizedTest
  @MethodSource("foreignBytes")
  void foreignBytesMakeACountedMissAndAreReplaced(byte[] bytes) throws Exception {
    CacheAside<String, String> cache = cacheWithAnEntry();

    assertMiss(cache, bytes);

    assertThat(cache.stats().decodeFailures()).isEqualTo(1);
    eventually(() -> assertCached(cache, "k", "fresh"));
    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("fresh");
  }

  @ParameterizedTest
  @MethodSource("foreignBytes")
  void foreignBytesAmongSeveralKeysConcernTheirKeyOnly(byte[] bytes) throws Exception {
    CacheAside<String, String> cache = open();
    cached(cache, "a", "1");
    source.with("b", "2");
    putRaw("b", bytes);

    assertThat(cache.getAll(List.of("a", "b"), source::getAll))
        .containsEntry("a", "1")
        .containsEntry("b", "2");

    assertThat(source.reads("a")).isEqualTo(1);
    eventually(() -> assertCached(cache, "b", "2"));
  }

  @Test
  void somethingThatAnotherProgramPutThereMakesAMissAndIsReplaced() {
    CacheAside<String, String> cache = open();
    source.with("k", "fresh").with("j", "fresh, too");
    setup.backend().putForeign(stored("k"));
    setup.backend().putForeign(stored("j"));

    assertThat(cache.lookup("k").value()).isEmpty();
    assertThat(cache.remainingTtl("k")).isEmpty();
    assertThat(cache.get("k", source::get)).isEqualTo("fresh");
    assertThat(cache.getAll(List.of("k", "j"), source::getAll)).containsEntry("j", "fresh, too");

    eventually(() -> assertCached(cache, "k", "fresh"));
    eventually(() -> assertCached(cache, "j", "fresh, too"));
    assertThat(cache.stats().decodeFailures()).isEqualTo(2);
  }

  @Test
  void somethingThatAnotherProgramPutThereCanBeOverwrittenAndInvalidated() {
    CacheAside<String, String> cache = open();
    for (String key : List.of("put", "invalidated", "matched", "updated", "touched")) {
      setup.backend().putForeign(stored(key));
    }

    cache.put("put", "v");
    cache.invalidate("invalidated");
    assertThat(cache.update("updated", old -> "never")).isFalse();
    assertThat(cache.touch("touched")).isFalse();
    assertThat(cache.setTtl("touched", Duration.ofMinutes(1))).isFalse();
    assertThat(cache.invalidateMatching("matched")).isEqualTo(1);

    assertCached(cache, "put", "v");
    assertThat(cache.get("invalidated", key -> "v")).isEqualTo("v");
    assertThat(cache.get("updated", key -> "v")).isEqualTo("v");
    assertThat(cache.get("touched", key -> "v")).isEqualTo("v");
  }

  private byte[] noteOfAFailure(CacheAside<String, String> cache) throws Exception {
    IllegalStateException down = new IllegalStateException("down");
    assertThatThrownBy(
            () ->
                cache.get(
                    "k",
                    key -> {
                      throw down;
                    }))
        .isSameAs(down);
    eventually(() -> assertThat(raw("k")[KIND_OFFSET]).isEqualTo(FAILURE));
    return raw("k");
  }

  @Test
  void theNameInANoteOfAFailureIsCutAndHasNoLineBreaks() throws Exception {
    CacheAside<String, String> cache =
        open(builder().failureBackoff(Duration.ofSeconds(20), Duration.ofSeconds(20)));
    byte[] note = noteOfAFailure(cache);
    byte[] more = "\nERROR forged\u202e".repeat(100_000).getBytes(StandardCharsets.UTF_8);
    byte[] forged = Arrays.copyOf(note, note.length + more.length);
    System.arraycopy(more, 0, forged, note.length, more.length);
    putRaw("k", forged, remaining("k"));

    SharedLoadException failure =
        catchThrowableOfType(SharedLoadException.class, () -> cache.get("k", CacheTest::notLoaded));

    for (String text : List.of(failure.getMessage(), failure.failureClass(), cache.explain("k"))) {
      assertThat(text).hasSizeLessThan(1_000).contains("\\u000aERROR forged\\u202e");
      assertThat(text).doesNotContain("\n", "\u202e");
    }
  }

  @Test
  void aNoteOfAFailureHoldsNothingBackWithoutABackOff() throws Exception {
    byte[] note =
        noteOfAFailure(open(builder().failureBackoff(Duration.ofDays(1), Duration.ofDays(1))));
    CacheAside<String, String> other = open(builder().store(anotherStore()));

    assertThat(other.explain("k")).contains("a read loads it again");
    assertThat(other.get("k", key -> "v")).isEqualTo("v");
    putRaw("k", note);
    assertThat(other.getAll(List.of("k"), keys -> Map.of("k", "w"))).containsEntry("k", "w");

    eventually(() -> assertCached(other, "k", "w"));
  }

  @Test
  void aNoteOfAFailureHoldsBackForAsLongAsThisCacheSays() throws Exception {
    noteOfAFailure(open(builder().failureBackoff(Duration.ofDays(1), Duration.ofDays(1))));
    CacheAside<String, String> other =
        open(
            builder()
                .store(anotherStore())
                .failureBackoff(Duration.ofMillis(1), Duration.ofMillis(100)));

    eventually(() -> assertThatCode(() -> other.get("k", key -> "v")).doesNotThrowAnyException());
  }

  @Test
  void anEntryCopiedFromAnotherKeyMakesAMiss() throws Exception {
    CacheAside<String, String> cache = cacheWithAnEntry();
    cached(cache, "j", "of another key");

    assertMiss(cache, raw("j"));

    eventually(() -> assertCached(cache, "k", "fresh"));
  }

  @Test
  void anEntryCopiedFromAnotherCacheMakesAMiss() throws Exception {
    CacheAside<String, String> cache = cacheWithAnEntry();
    CacheAside<String, String> other =
        open(CacheAside.builder(name + "other", Codec.string()).store(store()));
    other.put("k", "of another cache");
    byte[] entry = store().read(name + "other:k").toCompletableFuture().get(10, TimeUnit.SECONDS);

    assertMiss(cache, entry);
  }

  @Test
  void aLeaseCopiedFromAnotherKeyIsNotWaitedFor() throws Exception {
    CacheAside<String, String> cache = cacheWithAnEntry();
    source.pause();
    callers.start(() -> cache.get("j", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    byte[] lease = raw("j");
    source.resume();

    assertMiss(cache, lease);
  }

  @Test
  void aValueThatTheCodecRefusesMakesACountedMissAndIsReplaced() {
    CacheAside<String, String> texts = open();
    texts.put("k", "no number");
    CacheAside<String, Integer> numbers =
        open(builder(JsonCodec.of(Integer.class)).store(anotherStore()));

    assertThat(numbers.lookup("k").value()).isEmpty();
    assertThat(numbers.get("k", key -> 42)).isEqualTo(42);

    assertThat(numbers.stats().decodeFailures()).isEqualTo(2);
    eventually(() -> assertCached(numbers, "k", 42));
  }

  @Test
  void aValueThatIsTooLargeForThisCacheMakesAMissAndIsReplaced() {
    CacheAside<String, String> generous = open();
    generous.put("k", "0123456789");
    CacheAside<String, String> strict = open(builder().store(anotherStore()).maxPayloadBytes(9));

    assertThat(strict.get("k", key -> "small")).isEqualTo("small");

    eventually(() -> assertCached(strict, "k", "small"));
    assertThat(strict.stats().decodeFailures()).isEqualTo(1);
  }

  @Test
  void aDamagedValueCannotBeUpdatedAndIsRemoved() throws Exception {
    CacheAside<String, String> cache = cacheWithAnEntry();
    byte[] entry = raw("k");
    entry[entry.length - 1] ^= 1;
    putRaw("k", entry);

    assertThat(cache.update("k", old -> "never")).isFalse();

    assertThat(cache.get("k", source::get)).isEqualTo("fresh");
  }

  /** What a later version of this library wrote is not for this one to judge. */
  @Test
  void anEntryOfALaterFormatIsLeftAloneAndCanBeInvalidated() throws Exception {
    CacheAside<String, String> cache = cacheWithAnEntry();
    byte[] later = raw("k");
    later[FORMAT_OFFSET]++;

    assertMiss(cache, later);
    assertMiss(cache, Arrays.copyOf(later, 20));
    assertMiss(cache, later);

    assertThat(raw("k")).isEqualTo(later);
    assertThat(cache.touch("k")).isFalse();
    assertThat(cache.remainingTtl("k")).isEmpty();
    cache.invalidate("k");
    assertThat(raw("k")).isNull();
  }
}
