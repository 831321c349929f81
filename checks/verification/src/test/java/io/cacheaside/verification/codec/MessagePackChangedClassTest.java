package io.cacheaside.verification.codec;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.EnumFeature;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.cacheaside.codec.Codec;
import io.cacheaside.msgpack.MessagePackCodec;
import org.msgpack.jackson.dataformat.MessagePackMapper;

class MessagePackChangedClassTest extends ChangedClassContract {

  @Override
  <V> Codec<V> codec(Class<V> type) {
    return MessagePackCodec.of(type);
  }

  @Override
  <V> Codec<V> lenient(Class<V> type) {
    return MessagePackCodec.of(type).lenient();
  }

  @Override
  <V> Codec<V> withConstantsByPosition(Class<V> type) {
    MessagePackMapper mapper = new MessagePackMapper();
    mapper.registerModule(new Jdk8Module());
    mapper.enable(SerializationFeature.WRITE_ENUMS_USING_INDEX);
    mapper.enable(SerializationFeature.WRITE_ENUM_KEYS_USING_INDEX);
    mapper.configure(EnumFeature.READ_ENUM_KEYS_USING_INDEX, true);
    mapper.disable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS);
    return MessagePackCodec.of(mapper, type);
  }
}
