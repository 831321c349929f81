package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.codec.Codec;
import io.cacheaside.jackson.JsonCodec;
import io.cacheaside.msgpack.MessagePackCodec;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.type.TypeReference;

/** Values come out of the cache exactly as they went in. */
@OnEveryStore
class ValueTest extends CacheTest {
  private static final int TEN_MIB = 10 << 20;

  record Address(String street, String city) {}

  record User(
      String name, int visits, boolean active, Address home, List<String> tags, Instant since) {}

  record Case<V>(String text, Codec<V> codec, V value) {
    @Override
    public String toString() {
      return text;
    }
  }

  static Stream<Case<?>> values() {
    User nested =
        new User(
            "Zoë",
            0,
            false,
            new Address("", "東京"),
            List.of("", "a,b"),
            Instant.ofEpochSecond(-1, 999_999_999));
    byte[] random = new byte[TEN_MIB];
    new Random(1).nextBytes(random);
    return Stream.of(
        new Case<>("empty text", Codec.string(), ""),
        new Case<>("a space", Codec.string(), " "),
        new Case<>("unicode", Codec.string(), "Zoë 東京 \uD83D\uDE00 e\u0301\u0000\r\n\u2028"),
        new Case<>("the text null", Codec.string(), "null"),
        new Case<>("10 MiB of text", Codec.string(), "0123456789abcde\n".repeat(TEN_MIB / 16)),
        new Case<>("10 MiB of text, compressed", Codec.string().gzip(), "é".repeat(TEN_MIB / 2)),
        new Case<>("no bytes", Codec.bytes(), new byte[0]),
        new Case<>("one byte", Codec.bytes(), new byte[1]),
        new Case<>("10 MiB of bytes", Codec.bytes(), random),
        new Case<>("zero", JsonCodec.of(Integer.class), 0),
        new Case<>("the least long", JsonCodec.of(Long.class), Long.MIN_VALUE),
        new Case<>("minus zero", JsonCodec.of(Double.class), -0.0),
        new Case<>("false", JsonCodec.of(Boolean.class), false),
        new Case<>("empty text as JSON", JsonCodec.of(String.class), ""),
        new Case<>("an empty list", JsonCodec.listOf(User.class), List.of()),
        new Case<>("an empty map", JsonCodec.mapOf(String.class, User.class), Map.of()),
        new Case<>("a list", JsonCodec.listOf(User.class), List.of(nested, nested)),
        new Case<>("a set", JsonCodec.setOf(User.class), Set.of(nested)),
        new Case<>("a map", MessagePackCodec.mapOf(Integer.class, User.class), Map.of(1, nested)),
        new Case<>("a nested record", JsonCodec.of(User.class), nested),
        new Case<>(
            "records in lists in a map",
            JsonCodec.of(new TypeReference<Map<String, List<User>>>() {}),
            Map.of("", List.of(nested, nested))));
  }

  @ParameterizedTest
  @MethodSource("values")
  <V> void aLoadedValueIsReadAsItWas(Case<V> value) {
    CacheAside<String, V> cache = open(builder(value.codec()));

    assertThat(cache.get("k", key -> value.value())).isEqualTo(value.value());

    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo(value.value());
    assertThat(cache.lookup("k").value()).hasValueSatisfying(isEqualTo(value.value()));
    assertThat(cache.getAll(List.of("k"), keys -> Map.of()).get("k")).isEqualTo(value.value());
  }

  @ParameterizedTest
  @MethodSource("values")
  <V> void aPutValueIsReadAsItWas(Case<V> value) {
    CacheAside<String, V> cache = open(builder(value.codec()));

    cache.put("k", value.value());

    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo(value.value());
  }

  private static <V> Consumer<V> isEqualTo(V expected) {
    return actual -> assertThat(actual).isEqualTo(expected);
  }
}
