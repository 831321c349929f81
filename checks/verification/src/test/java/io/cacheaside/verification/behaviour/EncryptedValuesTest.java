package io.cacheaside.verification.behaviour;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.CacheAside;
import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import io.cacheaside.codec.EncryptingCodec;
import io.cacheaside.codec.EncryptionKeys;
import io.cacheaside.jackson.JsonCodec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What the store holds tells nobody a value, and nobody without a key makes a cache return
 * something else. The attacker here can read and write entries, and knows how they are built.
 */
@OnEveryStore
@Tag("edge")
class EncryptedValuesTest extends CacheTest {
  private static final int PAYLOAD_CHECK_OFFSET = 40;
  private static final int CHECK_OFFSET = 44;
  private static final int HEADER_BYTES = 48;
  private static final byte[] FORMER = key(1);
  private static final byte[] CURRENT = key(2);

  private final EncryptionKeys former = EncryptionKeys.of("former", FORMER);
  private final EncryptionKeys prepared = former.alsoReading("current", CURRENT);
  private final EncryptionKeys both =
      EncryptionKeys.of("current", CURRENT).alsoReading("former", FORMER);
  private final EncryptionKeys current = EncryptionKeys.of("current", CURRENT);

  record Account(String owner, long cents) {}

  private static byte[] key(int of) {
    byte[] key = new byte[32];
    Arrays.fill(key, (byte) of);
    return key;
  }

  private CacheAside<String, String> encrypted(EncryptionKeys keys) {
    return open(builder(Codec.string().encrypted(keys)).store(anotherStore()));
  }

  private byte[] raw(String storedKey) throws Exception {
    return store().read(storedKey).toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private void putRaw(String storedKey, byte[] entry) throws Exception {
    store()
        .put(storedKey, entry, Duration.ofMinutes(1))
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }

  private static byte[] payloadOf(byte[] entry) {
    return Arrays.copyOfRange(entry, HEADER_BYTES, entry.length);
  }

  /** Puts another payload into an entry, with every checksum as it has to be. */
  private static byte[] forged(byte[] entry, byte[] payload) {
    int hashOfKey = ByteBuffer.wrap(entry).getInt(CHECK_OFFSET) ^ crc(entry, CHECK_OFFSET);
    byte[] forged = Arrays.copyOf(entry, HEADER_BYTES + payload.length);
    System.arraycopy(payload, 0, forged, HEADER_BYTES, payload.length);
    ByteBuffer header = ByteBuffer.wrap(forged);
    header.putInt(PAYLOAD_CHECK_OFFSET, crc(payload, payload.length));
    header.putInt(CHECK_OFFSET, crc(forged, CHECK_OFFSET) ^ hashOfKey);
    return forged;
  }

  private static int crc(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  private static void assertHidden(byte[] entry, String text) {
    assertThat(new String(entry, ISO_8859_1)).doesNotContain(text);
  }

  @Test
  void theStoreDoesNotHoldThePlainText() throws Exception {
    Codec<Account> json = JsonCodec.of(Account.class);
    CacheAside<String, Account> cache = open(builder(json.encrypted(current)));

    assertThat(cache.get("got", key -> new Account("Lovelace", 1))).isNotNull();
    eventually(() -> assertCached(cache, "got", new Account("Lovelace", 1)));
    cache.getAll(List.of("bulk"), keys -> Map.of("bulk", new Account("Lovelace", 2)));
    eventually(() -> assertCached(cache, "bulk", new Account("Lovelace", 2)));
    cache.put("put", new Account("Lovelace", 3));
    cache.put("updated", new Account("nobody", 4));
    assertThat(cache.update("updated", old -> new Account("Lovelace", old.cents()))).isTrue();
    assertThat(cache.touch("put")).isTrue();

    for (String key : List.of("got", "bulk", "put", "updated")) {
      assertHidden(raw(stored(key)), "Lovelace");
      assertThat(cache.get(key, CacheTest::notLoaded).owner()).isEqualTo("Lovelace");
    }
    assertThat(cache.stats().decodeFailures()).isZero();
  }

  @Test
  void anAbsenceIsCachedAsEver() {
    CacheAside<String, String> cache =
        open(builder(Codec.string().encrypted(current)).absentTtl(Duration.ofMinutes(1)));

    assertThat(cache.get("k", key -> null)).isNull();

    eventually(() -> assertThat(cache.stats().fills()).isEqualTo(1));
    assertThat(cache.get("k", CacheTest::notLoaded)).isNull();
  }

  @Test
  void compressedAndEncryptedValuesAreReadAsTheyWere() throws Exception {
    String value = "long ".repeat(10_000);
    CacheAside<String, String> cache = open(builder(Codec.string().gzip().encrypted(current)));

    cache.put("k", value);

    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo(value);
    assertThat(raw(stored("k"))).hasSizeLessThan(1_000);
  }

  /** That this attack works on plain values shows that the next tests try it rightly. */
  @Test
  void aForgedPlainEntryIsRead() throws Exception {
    CacheAside<String, String> cache = open();
    cache.put("mine", "10");
    cache.put("theirs", "1000000");

    putRaw(stored("mine"), forged(raw(stored("mine")), payloadOf(raw(stored("theirs")))));

    assertThat(cache.get("mine", CacheTest::notLoaded)).isEqualTo("1000000");
  }

  @Test
  void aValueMovedToAnotherKeyIsACountedMissAndReplaced() throws Exception {
    CacheAside<String, String> cache = encrypted(current);
    cache.put("mine", "10");
    cache.put("theirs", "1000000");

    putRaw(stored("mine"), forged(raw(stored("mine")), payloadOf(raw(stored("theirs")))));

    assertRefused(cache, "mine");
  }

  @Test
  void anEntryMovedToAnotherKeyIsAMiss() throws Exception {
    CacheAside<String, String> cache = encrypted(current);
    cache.put("mine", "10");
    cache.put("theirs", "1000000");

    putRaw(stored("mine"), raw(stored("theirs")));

    assertRefused(cache, "mine");
  }

  @Test
  void aValueMovedToAnotherCacheIsACountedMissAndReplaced() throws Exception {
    CacheAside<String, String> cache = encrypted(current);
    cache.put("mine", "10");
    CacheAside<String, String> other =
        open(
            CacheAside.builder(name + "other", Codec.string().encrypted(current))
                .store(anotherStore()));
    other.put("mine", "1000000");

    putRaw(stored("mine"), forged(raw(stored("mine")), payloadOf(raw(name + "other:mine"))));

    assertRefused(cache, "mine");
  }

  @Test
  void aValueInPlainTextIsACountedMissAndReplaced() throws Exception {
    CacheAside<String, String> cache = encrypted(current);
    cache.put("mine", "10");

    putRaw(stored("mine"), forged(raw(stored("mine")), "1000000".getBytes(ISO_8859_1)));

    assertRefused(cache, "mine");
  }

  @Test
  void aChangedValueIsACountedMissAndReplaced() throws Exception {
    CacheAside<String, String> cache = encrypted(current);
    cache.put("mine", "10");
    byte[] entry = raw(stored("mine"));
    byte[] payload = payloadOf(entry);
    payload[payload.length - 17] ^= 1;

    putRaw(stored("mine"), forged(entry, payload));

    assertRefused(cache, "mine");
  }

  /** Asserts that an entry counts as unreadable, and that a load replaces it. */
  private static void assertRefused(CacheAside<String, String> cache, String key) {
    assertThat(cache.lookup(key).value()).isEmpty();
    assertThat(cache.get(key, k -> "loaded")).isEqualTo("loaded");
    eventually(() -> assertCached(cache, key, "loaded"));
    assertThat(cache.stats().decodeFailures()).isPositive();
  }

  @Test
  void aKeyChangesInThreeStepsWithoutAMiss() {
    CacheAside<String, String> old = encrypted(former);
    old.put("k", "of the former key");
    AtomicReference<EncryptionKeys> keys = new AtomicReference<>(former);
    Codec<String> rotated = EncryptingCodec.over(Codec.string(), keys::get);
    CacheAside<String, String> process = open(builder(rotated).store(anotherStore()));
    CacheAside<String, String> other = encrypted(prepared);

    for (EncryptionKeys step : List.of(former, prepared, both)) {
      keys.set(step);
      assertThat(process.get("k", CacheTest::notLoaded)).isEqualTo("of the former key");
    }

    process.put("k", "of the current key");

    assertThat(process.get("k", CacheTest::notLoaded)).isEqualTo("of the current key");
    assertThat(other.get("k", CacheTest::notLoaded)).isEqualTo("of the current key");
    assertThat(old.lookup("k").value()).isEmpty();
    keys.set(current);
    assertThat(process.get("k", CacheTest::notLoaded)).isEqualTo("of the current key");
    assertThat(process.stats().decodeFailures() + other.stats().decodeFailures()).isZero();
  }

  @Test
  void processesWithoutTheKeyOfTheOtherShareAnEntry() {
    CacheAside<String, String> old = encrypted(former);
    CacheAside<String, String> renewed = encrypted(current);
    old.put("k", "of the former key");

    assertThat(renewed.get("k", key -> "of the current key")).isEqualTo("of the current key");
    eventually(() -> assertCached(renewed, "k", "of the current key"));
    assertCached(old, "k", "of the former key");

    assertThat(renewed.stats().decodeFailures()).isEqualTo(1);
  }

  @Test
  void anUpdateEncryptsWithTheCurrentKey() {
    CacheAside<String, String> old = encrypted(former);
    CacheAside<String, String> renewed = encrypted(both);
    old.put("k", "v");

    assertThat(renewed.update("k", value -> value + "w")).isTrue();

    assertThat(renewed.get("k", CacheTest::notLoaded)).isEqualTo("vw");
    assertThat(old.lookup("k").value()).isEmpty();
  }

  @Test
  void withoutKeysNothingIsCachedAndEveryReadLoads() {
    AtomicReference<Supplier<EncryptionKeys>> service = new AtomicReference<>(() -> current);
    Codec<String> codec = EncryptingCodec.over(Codec.string(), () -> service.get().get());
    CacheAside<String, String> cache = open(builder(codec));
    cache.put("there", "v");
    service.set(
        () -> {
          throw new IllegalStateException("no keys today");
        });

    assertThat(cache.get("there", key -> "loaded")).isEqualTo("loaded");
    assertThat(cache.get("missing", key -> "loaded")).isEqualTo("loaded");
    eventually(() -> assertThat(cache.stats().skippedFills()).isEqualTo(2));
    assertThatThrownBy(() -> cache.put("put", "v")).isInstanceOf(CodecException.class);

    service.set(() -> current);
    assertThat(cache.get("missing", key -> "loaded again")).isEqualTo("loaded again");
    eventually(() -> assertCached(cache, "missing", "loaded again"));
  }
}
