package io.cacheaside.verification.codec;

import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.cacheaside.codec.Codec;
import io.cacheaside.msgpack.MessagePackCodec;
import java.lang.reflect.Type;
import org.msgpack.jackson.dataformat.MessagePackMapper;

class MessagePackLossyTypesTest extends LossyTypesContract {

  @Override
  <V> Codec<V> codec(Type type) {
    MessagePackMapper mapper = new MessagePackMapper();
    mapper.registerModule(new Jdk8Module());
    return MessagePackCodec.of(mapper, mapper.constructType(type));
  }
}
