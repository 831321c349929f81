package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.LoadException;
import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import io.cacheaside.codec.KeyCodec;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which keys are taken, and that each is a key of its own. */
@OnEveryStore
@Tag("edge")
class KeyTest extends CacheTest {
  private static final String UNPAIRED = "half a pair: \uD83D";

  /** Everything that is given a key. */
  enum Use {
    GET((cache, key) -> cache.get(key, CacheTest::notLoaded)),
    GET_ALL((cache, key) -> cache.getAll(Arrays.asList("a", key), keys -> Map.of())),
    LOOKUP(CacheAside::lookup),
    PUT((cache, key) -> cache.put(key, "v")),
    PUT_WITH_TTL((cache, key) -> cache.put(key, "v", Duration.ofMinutes(1))),
    UPDATE((cache, key) -> cache.update(key, old -> old)),
    WRITE_THEN_INVALIDATE((cache, key) -> cache.writeThenInvalidate(key, () -> neverWritten())),
    INVALIDATE(CacheAside::invalidate),
    INVALIDATE_ALL((cache, key) -> cache.invalidateAll(Arrays.asList("a", key))),
    REMAINING_TTL(CacheAside::remainingTtl),
    SET_TTL((cache, key) -> cache.setTtl(key, Duration.ofMinutes(1))),
    TOUCH(CacheAside::touch);

    private final BiConsumer<CacheAside<String, String>, String> action;

    Use(BiConsumer<CacheAside<String, String>, String> action) {
      this.action = action;
    }

    private static String neverWritten() {
      throw new AssertionError("written although the key is wrong");
    }
  }

  @ParameterizedTest
  @EnumSource
  void wrongKeysAreRefusedBeforeAnythingIsDone(Use use) {
    CacheAside<String, String> cache = open(builder().maxKeyBytes(64));
    cached(cache, "a", "v");

    assertThatNullPointerException().isThrownBy(() -> use.action.accept(cache, null));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> use.action.accept(cache, ""))
        .withMessageContainingAll("key is empty", "use");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> use.action.accept(cache, UNPAIRED))
        .withMessageContainingAll("surrogate", "use");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> use.action.accept(cache, "k".repeat(65)))
        .withMessageContainingAll("65", "maxKeyBytes", "64", "use");

    assertCached(cache, "a", "v");
    assertThat(cache.stats().storeFailures()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0xD800, 0xDBFF, 0xDC00, 0xDFFF})
  void halfAPairOfSurrogatesIsRefused(int half) {
    CacheAside<String, String> cache = open();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> cache.lookup("k" + (char) half))
        .withMessageContaining("surrogate");
  }

  @ParameterizedTest
  @ValueSource(ints = {0xD7FF, 0xE000, 0x10000, 0x10FFFF})
  void whatIsNextToThoseIsTaken(int codePoint) {
    CacheAside<String, String> cache = open();
    String key = "k" + Character.toString(codePoint);

    cache.put(key, "v");

    assertCached(cache, key, "v");
  }

  @Test
  void aKeyOfAMegabyteIsRefused() {
    CacheAside<String, String> cache = open();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> cache.get("k".repeat(1 << 20), CacheTest::notLoaded))
        .withMessageContainingAll("maxKeyBytes", "8192")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(500));
  }

  @Test
  void aLongerLimitLetsLongerKeysIn() {
    CacheAside<String, String> cache = open(builder().maxKeyBytes(1 << 21));
    String key = "k".repeat(1 << 20);

    cache.put(key, "v");

    assertCached(cache, key, "v");
    cache.invalidate(key);
    assertNotCached(cache, key);
  }

  @ParameterizedTest
  @ValueSource(strings = {"k", "é", "東", "\uD83D\uDE00"})
  void theLimitIsAboutBytesWithTheNameOfTheCache(String character) {
    int characterBytes = character.getBytes(StandardCharsets.UTF_8).length;
    int nameBytes = name.length() + 1;
    CacheAside<String, String> cache = open(builder().maxKeyBytes(nameBytes + 10 * characterBytes));

    cache.put(character.repeat(10), "v");

    assertCached(cache, character.repeat(10), "v");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cache.lookup(character.repeat(11)))
        .withMessageContaining("maxKeyBytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cache.lookup(character.repeat(10) + "x"))
        .withMessageContaining("maxKeyBytes");
  }

  @Test
  void everyOtherKeyIsAKeyOfItsOwn() {
    CacheAside<String, String> cache = open();
    List<String> keys =
        List.of(
            " ",
            "  ",
            "k",
            "K",
            "k ",
            " k",
            "k\n",
            "k\r\n",
            "\n",
            "\t",
            "\0",
            "k\0",
            ":",
            "::",
            "k:",
            ":k",
            "a:b",
            "{k}",
            "{k",
            "k}",
            "{}",
            "{}k",
            "{a}{b}",
            "*",
            "?",
            "[k]",
            "\\",
            "\\k",
            "%",
            "%3A",
            "%25",
            "k%3A",
            "\"k\"",
            "'k'",
            "é",
            "e\u0301",
            "東京",
            "ß",
            "SS",
            "\uD83D\uDE00",
            "\uFFFD",
            "\uFEFFk",
            "null",
            "0",
            "-1",
            "a".repeat(8_000));

    keys.forEach(key -> cache.put(key, "of " + key));

    assertThat(keys).allSatisfy(key -> assertCached(cache, key, "of " + key));
    assertThat(cache.getAll(keys, missing -> Map.of()).keySet()).containsExactlyElementsOf(keys);
    for (String key : keys) {
      cache.invalidate(key);
      assertNotCached(cache, key);
    }
  }

  @Test
  void aKeyCodecThatGivesNoTextIsAnError() {
    CacheAside<Integer, String> cache =
        open(
            CacheAside.<Integer, String>builder(name, key -> key == 0 ? null : "", Codec.string())
                .store(store()));

    assertThatNullPointerException()
        .isThrownBy(() -> cache.lookup(0))
        .withMessageContaining("key codec");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cache.lookup(1))
        .withMessageContaining("key is empty");
  }

  @Test
  void keysThatAreEqualAsTextAreOneKey() {
    KeyCodec<Object> codec = Object::toString;
    CacheAside<Object, String> cache =
        open(CacheAside.builder(name, codec, Codec.string()).store(store()));

    cache.put(1, "number");
    cache.put("1", "text");

    assertThat(cache.lookup(1).value()).contains("text");
  }

  /** A key that cannot be put into words. */
  private record Wordless(String id) {
    @Override
    public String toString() {
      throw new UnsupportedOperationException("no words");
    }
  }

  private CacheAsideBuilder<Wordless, String> wordless() {
    return CacheAside.<Wordless, String>builder(name, Wordless::id, Codec.string())
        .store(store())
        .ttlJitter(0);
  }

  @Test
  void aKeyWithoutWordsIsReadAndInvalidatedAllTheSame() {
    CacheAside<Wordless, String> cache = open(wordless());
    Wordless key = new Wordless("k");
    IllegalStateException down = new IllegalStateException("down");

    assertThatThrownBy(
            () ->
                cache.get(
                    key,
                    k -> {
                      throw down;
                    }))
        .isSameAs(down);
    assertThat(cache.get(key, k -> "old")).isEqualTo("old");
    eventually(() -> assertThat(cache.lookup(key).value()).contains("old"));
    cache.invalidate(key);
    assertThat(cache.get(key, k -> "new")).isEqualTo("new");
  }

  @Test
  void aLoadOfAKeyWithoutWordsEndsAtItsTimeout() throws Exception {
    FakeTime time = new FakeTime();
    Duration loadTimeout = Duration.ofMinutes(1);
    CacheAside<Wordless, String> cache =
        open(wordless().environment(time).loadTimeout(loadTimeout));
    Wordless key = new Wordless("k");
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch returning = new CountDownLatch(1);
    callers.start(
        () ->
            cache.get(
                key,
                k -> {
                  begun.countDown();
                  returning.await();
                  return "late";
                }));
    begun.await();
    Call<String> waiter = callers.start(() -> cache.get(key, k -> "fresh"));
    awaitWaiting(cache, 2, List.of(waiter));

    time.advance(loadTimeout);

    assertThat(waiter.result()).isEqualTo("fresh");

    eventually(() -> assertThat(cache.lookup(key).value()).contains("fresh"));
    returning.countDown();
  }

  @Test
  void whoSharesTheFailedLoadOfAKeyWithoutWordsIsToldItsNameInTheStore() throws Exception {
    CacheAside<Wordless, String> cache = open(wordless());
    Wordless key = new Wordless("k");
    source.failNextReads(1, new IllegalStateException("down"));
    source.pause();
    callers.start(() -> cache.get(key, k -> source.get(k.id())));
    source.awaitWaiting(1, Callers.DEADLINE);
    Call<String> guest = callers.start(() -> cache.get(key, k -> notLoaded(k.id())));
    eventually(() -> assertThat(cache.stats().misses()).isEqualTo(2));
    eventually(() -> assertThat(guest.isWaiting()).isTrue());

    source.resume();

    assertThat(guest.failure()).isInstanceOf(LoadException.class).hasMessageContaining(stored("k"));
  }

  /** Notes the places it is told, and takes no value without one. */
  private static final class Noting implements Codec<String> {
    final Set<String> written = ConcurrentHashMap.newKeySet();
    final Set<String> read = ConcurrentHashMap.newKeySet();

    @Override
    public byte[] encode(String value) {
      throw new CodecException("written without a place");
    }

    @Override
    public byte[] encode(String value, String place) {
      written.add(place);
      return Codec.string().encode(value);
    }

    @Override
    public String decode(ByteBuffer payload) {
      throw new CodecException("read without a place");
    }

    @Override
    public String decode(ByteBuffer payload, String place) {
      read.add(place);
      return Codec.string().decode(payload);
    }
  }

  @Test
  void theCodecIsToldTheNameOfTheCacheAndTheKey() {
    Noting codec = new Noting();
    CacheAside<String, String> cache =
        open(CacheAside.builder(name + ":eu%", codec).store(store()));
    String place = name + "%3Aeu%25:";

    assertThat(cache.get("a:1", key -> "v")).isEqualTo("v");
    cache.getAll(List.of("é"), keys -> Map.of("é", "v"));
    cache.put("p", "v");
    assertThat(cache.update("p", old -> old + "w")).isTrue();
    eventually(() -> assertThat(cache.stats().fills()).isEqualTo(2));
    assertThat(codec.written).containsExactlyInAnyOrder(place + "a:1", place + "é", place + "p");

    codec.read.clear();
    assertThat(cache.get("a:1", CacheTest::notLoaded)).isEqualTo("v");
    assertThat(cache.getAll(List.of("é"), keys -> Map.of())).containsEntry("é", "v");
    assertCached(cache, "p", "vw");
    assertThat(codec.read).isEqualTo(codec.written);
    assertThat(cache.stats().decodeFailures()).isZero();
  }
}
