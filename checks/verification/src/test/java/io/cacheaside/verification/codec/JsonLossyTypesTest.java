package io.cacheaside.verification.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.cacheaside.codec.Codec;
import io.cacheaside.jackson.JsonCodec;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class JsonLossyTypesTest extends LossyTypesContract {

  @Override
  <V> Codec<V> codec(Type type) {
    return JsonCodec.of(JsonMapper.shared(), JsonMapper.shared().constructType(type));
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  sealed interface Vehicle {}

  record Car(int seats) implements Vehicle {}

  @Test
  void aSealedTypeKnowsItsSubtypes() {
    JsonCodec<Vehicle> codec = JsonCodec.of(Vehicle.class);

    assertThat(codec.decode(ByteBuffer.wrap(codec.encode(new Car(4))))).isEqualTo(new Car(4));
  }
}
