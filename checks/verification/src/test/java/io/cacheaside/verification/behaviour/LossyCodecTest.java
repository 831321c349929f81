package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheListener;
import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import io.cacheaside.jackson.JsonCodec;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** A value that a codec would not read back as it is, is loaded each time and never stored. */
@OnEveryStore
@Tag("edge")
class LossyCodecTest extends CacheTest {
  record Price(String currency, double amount, int[] history) {}

  record Item(String name, List<Price> prices, Map<String, Price> offers, Optional<Price> best) {}

  /** Reads something else than it has written. */
  private static <V> Codec<V> lossy(Codec<V> codec, UnaryOperator<V> change) {
    return new Codec<>() {
      @Override
      public byte[] encode(V value) {
        return codec.encode(value);
      }

      @Override
      public V decode(ByteBuffer payload) {
        return change.apply(codec.decode(payload));
      }
    };
  }

  private static final Price PRICE = new Price("EUR", 9.95, new int[] {1, 2});
  private static final Price OTHER = new Price("USD", 9.95, new int[] {1, 2});
  private static final Item ITEM =
      new Item("a", List.of(PRICE, PRICE), Map.of("secret", PRICE), Optional.of(PRICE));

  private void assertSkipped(UnaryOperator<Item> change, String component) {
    List<Throwable> reasons = new CopyOnWriteArrayList<>();
    CacheListener<String> listener =
        new CacheListener<>() {
          @Override
          public void onSkippedFill(String key, Throwable reason) {
            reasons.add(reason);
          }
        };
    CacheAside<String, Item> cache =
        open(builder(lossy(JsonCodec.of(Item.class), change)).listener(listener));

    for (int i = 1; i <= 20; i++) {
      assertThat(cache.get("k", key -> ITEM)).isSameAs(ITEM);
      int skipped = i;
      eventually(() -> assertThat(cache.stats().skippedFills()).isEqualTo(skipped));
    }

    assertThat(cache.stats().fills()).isZero();
    assertThat(cache.stats().decodeFailures()).isZero();
    assertThat(reasons)
        .allSatisfy(
            reason ->
                assertThat(reason)
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining(component + " of " + Item.class.getTypeName())
                    .hasMessageNotContaining("secret"));
    assertThatThrownBy(() -> cache.put("k", ITEM))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining(component);
    cache.close();
  }

  @Test
  void whatDiffersIsNamedAndNotStored() {
    assertSkipped(item -> new Item("b", item.prices, item.offers, item.best), "$.name");
    assertSkipped(item -> new Item("a", List.of(PRICE), item.offers, item.best), "$.prices");
    assertSkipped(
        item -> new Item("a", List.of(PRICE, OTHER), item.offers, item.best),
        "$.prices[1].currency");
    assertSkipped(
        item -> new Item("a", item.prices, Map.of("secret", OTHER), item.best),
        "$.offers.*.currency");
    assertSkipped(item -> new Item("a", item.prices, Map.of("x", PRICE), item.best), "$.offers");
    assertSkipped(
        item -> new Item("a", item.prices, item.offers, Optional.of(OTHER)), "$.best.currency");
    assertSkipped(item -> new Item("a", item.prices, item.offers, Optional.empty()), "$.best");
    assertSkipped(
        item ->
            new Item(
                "a", item.prices, item.offers, Optional.of(new Price("EUR", 9.95, new int[2]))),
        "$.best.history");
  }

  @Test
  void whatCannotBeReadBackIsNotStored() {
    CacheAside<String, Price> cache =
        open(
            builder(
                lossy(
                    JsonCodec.of(Price.class),
                    price -> {
                      throw new IllegalStateException("broken");
                    })));

    assertThat(cache.get("k", key -> PRICE)).isSameAs(PRICE);

    eventually(() -> assertThat(cache.stats().skippedFills()).isEqualTo(1));
    assertThat(cache.get("k", key -> PRICE)).isSameAs(PRICE);
    assertThat(cache.stats().decodeFailures()).isZero();
  }

  @Test
  void aValueWithArraysIsStored() {
    CacheAside<String, Price> cache = open(builder(JsonCodec.of(Price.class)));
    cache.get("k", key -> PRICE);
    assertThat(cache.get("k", CacheTest::notLoaded).history()).containsExactly(1, 2);
  }

  /** Nothing can be said of a value without {@code equals}. */
  @Test
  void aValueWithoutEqualsIsStored() {
    CacheAside<String, StringBuilder> cache = open(builder(JsonCodec.of(StringBuilder.class)));
    cache.get("k", key -> new StringBuilder("a"));
    assertThat(cache.get("k", CacheTest::notLoaded)).hasToString("a");
  }

  @Test
  void decimalsOfATreeAreNotRounded() {
    CacheAside<String, JsonNode> cache = open(builder(JsonCodec.of(JsonNode.class)));
    JsonNode exact = JsonNodeFactory.instance.objectNode().put("a", new BigDecimal("1.10"));

    assertThat(cache.get("k", key -> exact)).isEqualTo(exact);
    assertThat(cache.get("k", key -> exact)).isEqualTo(exact);

    JsonNode inexact = JsonNodeFactory.instance.objectNode().put("a", 1.5).put("b", "c");
    cache.get("other", key -> inexact);
    eventually(() -> assertCached(cache, "other", inexact));
  }

  @Test
  void laterValuesAreSampled() {
    int[] decoded = {0};
    Codec<String> counting =
        lossy(
            Codec.string(),
            text -> {
              decoded[0]++;
              return text;
            });
    CacheAside<String, String> cache = open(builder(counting));

    for (int i = 0; i < 200; i++) {
      cache.put("k", "v");
    }

    assertThat(decoded[0]).as("the first eight, and some of the others").isBetween(9, 16);
  }

  @Test
  void aSubclassWithMoreComponentsIsNotStored() {
    CacheAside<String, Base> cache = open(builder(JsonCodec.of(Base.class)));
    Base value = new Extended();

    assertThat(cache.get("k", key -> value)).isSameAs(value);
    assertThat(cache.get("k", key -> value)).isSameAs(value);

    eventually(() -> assertThat(cache.stats().skippedFills()).isPositive());
    assertThat(cache.stats().fills()).isZero();
  }

  @Test
  void aFullHeapIsNoDecodeFailure() {
    boolean[] full = {false};
    CacheAside<String, String> cache =
        open(
            builder(
                lossy(
                    Codec.string(),
                    text -> {
                      if (full[0]) {
                        throw new OutOfMemoryError("full");
                      }
                      return text;
                    })));
    cached(cache, "k", "v");

    full[0] = true;
    assertThatThrownBy(() -> cache.get("k", CacheTest::notLoaded))
        .hasStackTraceContaining("OutOfMemoryError: full");
    full[0] = false;

    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("v");
    assertThat(cache.stats().decodeFailures()).isZero();

    full[0] = true;
    assertThat(cache.update("k", old -> "w")).isFalse();
    full[0] = false;
    assertNotCached(cache, "k");
  }

  static class Base {
    public @Nullable String name;
  }

  static class Extended extends Base {
    public byte @Nullable [] more = Arrays.copyOf(new byte[0], 3);
  }
}
