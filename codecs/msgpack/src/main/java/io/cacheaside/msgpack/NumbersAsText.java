package io.cacheaside.msgpack;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import io.cacheaside.codec.CodecException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Decimals and integers of any size as text, which MessagePack has no other exact type for, up to
 * the length that can be read.
 */
final class NumbersAsText extends SimpleModule {
  private static final long serialVersionUID = 1L;

  NumbersAsText(int maxLength) {
    super("io.cacheaside.numbers");
    addSerializer(BigDecimal.class, new Text<>(BigDecimal.class, maxLength));
    addSerializer(BigInteger.class, new Text<>(BigInteger.class, maxLength));
  }

  private static final class Text<T extends Number> extends StdScalarSerializer<T> {
    private static final long serialVersionUID = 1L;

    private final int maxLength;

    Text(Class<T> type, int maxLength) {
      super(type);
      this.maxLength = maxLength;
    }

    @Override
    public void serialize(T value, JsonGenerator out, SerializerProvider context)
        throws IOException {
      String text = value.toString();
      if (text.length() > maxLength) {
        throw new CodecException(
            "A number has more than %,d digits and could never be read (maxNumberLength)"
                .formatted(maxLength));
      }
      out.writeString(text);
    }
  }
}
