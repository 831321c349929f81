package io.cacheaside.verification.codec;

import io.cacheaside.codec.Codec;
import io.cacheaside.jackson.JsonCodec;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;

class JsonChangedClassTest extends ChangedClassContract {

  @Override
  <V> Codec<V> codec(Class<V> type) {
    return JsonCodec.of(type);
  }

  @Override
  <V> Codec<V> lenient(Class<V> type) {
    return JsonCodec.of(type).lenient();
  }

  @Override
  <V> Codec<V> withConstantsByPosition(Class<V> type) {
    return JsonCodec.of(
        JsonMapper.builder()
            .enable(EnumFeature.WRITE_ENUMS_USING_INDEX, EnumFeature.WRITE_ENUM_KEYS_USING_INDEX)
            .enable(EnumFeature.READ_ENUM_KEYS_USING_INDEX)
            .disable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .build(),
        type);
  }
}
