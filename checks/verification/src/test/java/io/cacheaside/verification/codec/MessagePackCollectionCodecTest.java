package io.cacheaside.verification.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.cacheaside.codec.Codec;
import io.cacheaside.msgpack.MessagePackCodec;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.msgpack.jackson.dataformat.MessagePackMapper;

class MessagePackCollectionCodecTest extends CollectionCodecContract {

  @Override
  <E> Codec<List<E>> listOf(Class<E> elements) {
    return MessagePackCodec.listOf(elements);
  }

  @Override
  <E> Codec<Set<E>> setOf(Class<E> elements) {
    return MessagePackCodec.setOf(elements);
  }

  @Override
  <K, E> Codec<Map<K, E>> mapOf(Class<K> keys, Class<E> values) {
    return MessagePackCodec.mapOf(keys, values);
  }

  @Override
  <V> Codec<V> of(Class<V> type) {
    return MessagePackCodec.of(type);
  }

  @Override
  Codec<Map<String, String>> withSortedMaps() {
    MessagePackMapper mapper = new MessagePackMapper();
    mapper.enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
    return MessagePackCodec.of(mapper, new TypeReference<Map<String, String>>() {});
  }

  @Override
  String name() {
    return "MessagePackCodec";
  }

  @Test
  void aLenientCodecSaysSo() {
    assertThat(MessagePackCodec.of(String.class).lenient())
        .hasToString("MessagePackCodec[String, lenient]");
  }
}
