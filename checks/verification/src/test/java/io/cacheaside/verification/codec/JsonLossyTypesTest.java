package io.cacheaside.verification.codec;

import io.cacheaside.codec.Codec;
import io.cacheaside.jackson.JsonCodec;
import java.lang.reflect.Type;
import tools.jackson.databind.json.JsonMapper;

class JsonLossyTypesTest extends LossyTypesContract {

  @Override
  <V> Codec<V> codec(Type type) {
    return JsonCodec.of(JsonMapper.shared(), JsonMapper.shared().constructType(type));
  }
}
