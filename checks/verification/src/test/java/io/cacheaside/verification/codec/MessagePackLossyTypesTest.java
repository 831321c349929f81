package io.cacheaside.verification.codec;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.cacheaside.codec.Codec;
import io.cacheaside.msgpack.MessagePackCodec;
import java.lang.reflect.Type;
import org.junit.jupiter.api.Test;
import org.msgpack.jackson.dataformat.MessagePackMapper;

class MessagePackLossyTypesTest extends LossyTypesContract {

  @Override
  <V> Codec<V> codec(Type type) {
    MessagePackMapper mapper = new MessagePackMapper();
    mapper.registerModule(new Jdk8Module());
    return MessagePackCodec.of(mapper, mapper.constructType(type));
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  sealed interface Vehicle {}

  record Car(int seats) implements Vehicle {}

  @Test
  void aSealedTypeHasToNameItsSubtypes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MessagePackCodec.of(Vehicle.class))
        .withMessageContaining("name them with @JsonSubTypes");
  }
}
