package io.cacheaside.verification.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cacheaside.codec.Codec;
import io.cacheaside.testkit.CodecContract;
import io.cacheaside.verification.codec.Values.Address;
import io.cacheaside.verification.codec.Values.Item;
import io.cacheaside.verification.codec.Values.NamedByClass;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Lists, sets and maps of a class. */
abstract class CollectionCodecContract {
  private static final Item TEA = new Item("tea", 3, new BigDecimal("0.10"));
  private static final Item MILK = new Item("", -1, BigDecimal.ZERO);

  abstract <E> Codec<List<E>> listOf(Class<E> elements);

  abstract <E> Codec<Set<E>> setOf(Class<E> elements);

  abstract <K, E> Codec<Map<K, E>> mapOf(Class<K> keys, Class<E> values);

  abstract <V> Codec<V> of(Class<V> type);

  /** Makes a codec from a mapper that writes maps in the order of their keys. */
  abstract Codec<Map<String, String>> withSortedMaps();

  /** The simple name of the codec. */
  abstract String name();

  record Sets(Set<String> set, HashSet<Integer> hashSet) {}

  @Nested
  class OfLists extends CodecContract<List<Item>> {
    @Override
    protected Codec<List<Item>> codec() {
      return listOf(Item.class);
    }

    @Override
    protected List<List<Item>> samples() {
      return List.of(List.of(), List.of(TEA), List.of(TEA, MILK, TEA));
    }

    @Override
    protected boolean detectsTruncation() {
      return true;
    }
  }

  @Nested
  class OfSets extends CodecContract<Set<Item>> {
    @Override
    protected Codec<Set<Item>> codec() {
      return setOf(Item.class);
    }

    @Override
    protected List<Set<Item>> samples() {
      return List.of(Set.of(), Set.of(TEA), Set.of(TEA, MILK));
    }

    @Override
    protected boolean detectsTruncation() {
      return true;
    }
  }

  @Nested
  class OfMaps extends CodecContract<Map<Long, Item>> {
    @Override
    protected Codec<Map<Long, Item>> codec() {
      return mapOf(Long.class, Item.class);
    }

    @Override
    protected List<Map<Long, Item>> samples() {
      return List.of(Map.of(), Map.of(Long.MIN_VALUE, TEA), Map.of(0L, TEA, 1L, MILK));
    }

    @Override
    protected boolean detectsTruncation() {
      return true;
    }
  }

  @Test
  void whatIsReadHasTheOrderOfWhatWasWritten() {
    List<String> texts = IntStream.rangeClosed(1, 100).mapToObj(i -> "t" + i * 37 % 101).toList();
    Map<String, Integer> map = new LinkedHashMap<>();
    texts.forEach(text -> map.put(text, text.length()));
    Sets sets = new Sets(new LinkedHashSet<>(texts), new LinkedHashSet<>(List.of(900, 1, 31, 2)));

    assertThat(read(setOf(String.class), sets.set())).containsExactlyElementsOf(texts);
    assertThat(read(mapOf(String.class, Integer.class), map).keySet())
        .containsExactlyElementsOf(texts);
    assertThat(read(of(Sets.class), sets).set()).containsExactlyElementsOf(texts);
    assertThat(read(of(Sets.class), sets).hashSet()).containsExactly(900, 1, 31, 2);
  }

  @Test
  void aMapperCannotSortMaps() {
    Map<String, String> map = new LinkedHashMap<>();
    map.put("b", "1");
    map.put("a", "2");

    assertThat(read(withSortedMaps(), map).keySet()).containsExactly("b", "a");
  }

  @Test
  void whatIsReadBelongsToItsReader() {
    List<String> list = read(listOf(String.class), List.of("a"));
    Set<String> set = read(setOf(String.class), Set.of("a"));
    Map<String, String> map = read(mapOf(String.class, String.class), Map.of("a", "a"));

    list.add("b");
    set.add("b");
    map.put("b", "b");

    assertThat(list).containsExactly("a", "b");
    assertThat(set).containsExactly("a", "b");
    assertThat(map).containsExactly(Map.entry("a", "a"), Map.entry("b", "b"));
  }

  @Test
  void elementsAreCheckedAsEverywhere() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> listOf(BitSet.class))
        .withMessageContaining("lose");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> setOf(NamedByClass.class))
        .withMessageContaining(NamedByClass.class.getName());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> mapOf(Item.class, String.class))
        .withMessageContaining("Key deserializer");
  }

  @Test
  void aGenericClassAloneIsRefusedWithTheFix() {
    assertRefused(() -> of(List.class), "java.util.List", ".listOf(User.class)");
    assertRefused(() -> of(Collection.class), "java.util.Collection", ".listOf(User.class)");
    assertRefused(() -> of(Set.class), "java.util.Set", ".setOf(User.class)");
    assertRefused(() -> of(Map.class), "java.util.Map", ".mapOf(String.class, User.class)");
    assertRefused(() -> of(Optional.class), "TypeReference<Optional<User>>() {}");
    assertRefused(() -> of(Values.Page.class), "TypeReference<Page<User>>() {}");
    assertRefused(() -> listOf(Map.class), "java.util.Map", ".mapOf(String.class, User.class)");
  }

  private void assertRefused(Runnable call, String... words) {
    assertThatIllegalArgumentException()
        .isThrownBy(call::run)
        .withMessageContaining("is generic")
        .withMessageContaining("use " + name() + ".")
        .withMessageContainingAll(words);
  }

  static class Names extends ArrayList<String> {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void aClassThatSaysOfWhatItIsIsTaken() {
    Names names = new Names();
    names.add("Ada");
    assertThat(read(of(Names.class), names)).isEqualTo(names).isInstanceOf(Names.class);
  }

  @Test
  void codecsSayWhatTheyEncode() {
    assertThat(of(Address.class)).hasToString(name() + "[Address]");
    assertThat(listOf(Address.class)).hasToString(name() + "[List<Address>]");
    assertThat(setOf(Address.class)).hasToString(name() + "[Set<Address>]");
    assertThat(mapOf(String.class, Address.class)).hasToString(name() + "[Map<String, Address>]");
    assertThat(of(byte[].class)).hasToString(name() + "[byte[]]");
  }

  private static <V> V read(Codec<V> codec, V value) {
    return codec.decode(ByteBuffer.wrap(codec.encode(value)));
  }
}
