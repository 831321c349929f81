package io.cacheaside.verification.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.codec.Codec;
import io.cacheaside.jackson.JsonCodec;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

class JsonCollectionCodecTest extends CollectionCodecContract {

  @Override
  <E> Codec<List<E>> listOf(Class<E> elements) {
    return JsonCodec.listOf(elements);
  }

  @Override
  <E> Codec<Set<E>> setOf(Class<E> elements) {
    return JsonCodec.setOf(elements);
  }

  @Override
  <K, E> Codec<Map<K, E>> mapOf(Class<K> keys, Class<E> values) {
    return JsonCodec.mapOf(keys, values);
  }

  @Override
  <V> Codec<V> of(Class<V> type) {
    return JsonCodec.of(type);
  }

  @Override
  Codec<Map<String, String>> withSortedMaps() {
    return JsonCodec.of(
        JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build(),
        new TypeReference<Map<String, String>>() {});
  }

  @Override
  String name() {
    return "JsonCodec";
  }

  @Test
  void aLenientCodecSaysSo() {
    assertThat(JsonCodec.of(String.class).lenient()).hasToString("JsonCodec[String, lenient]");
  }

  @Test
  void aMapperHasSetsOfItsOwn() {
    JsonMapper mapper =
        JsonMapper.builder()
            .addModule(new SimpleModule().addAbstractTypeMapping(Set.class, TreeSet.class))
            .build();
    JsonCodec<Set<String>> codec = JsonCodec.of(mapper, new TypeReference<Set<String>>() {});

    Set<String> read = codec.decode(ByteBuffer.wrap(codec.encode(Set.of("b", "a"))));

    assertThat(read).isInstanceOf(TreeSet.class);
  }
}
