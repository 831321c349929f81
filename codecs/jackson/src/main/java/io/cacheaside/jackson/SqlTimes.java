package io.cacheaside.jackson;

import java.sql.Timestamp;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdScalarSerializer;

/**
 * The times of {@code java.sql} as moments: with all nanoseconds, and the same in every time zone.
 */
@SuppressWarnings("JavaUtilDate")
final class SqlTimes extends SimpleModule {
  private static final long serialVersionUID = 1L;

  SqlTimes() {
    super("io.cacheaside.sql");
    if (isSqlThere()) {
      addSerializer(Timestamp.class, new WriteTimestamp());
      addDeserializer(Timestamp.class, new ReadTimestamp());
      addSerializer(java.sql.Date.class, new WriteMillis<>(java.sql.Date.class));
      addDeserializer(java.sql.Date.class, new ReadDate());
      addSerializer(java.sql.Time.class, new WriteMillis<>(java.sql.Time.class));
      addDeserializer(java.sql.Time.class, new ReadTime());
    }
  }

  private static boolean isSqlThere() {
    try {
      Class.forName("java.sql.Timestamp", false, SqlTimes.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static final class WriteTimestamp extends StdScalarSerializer<Timestamp> {
    WriteTimestamp() {
      super(Timestamp.class);
    }

    @Override
    public void serialize(Timestamp value, JsonGenerator out, SerializationContext context) {
      out.writeString(value.toInstant().toString());
    }
  }

  private static final class ReadTimestamp extends StdScalarDeserializer<Timestamp> {
    ReadTimestamp() {
      super(Timestamp.class);
    }

    @Override
    public Timestamp deserialize(JsonParser in, DeserializationContext context) {
      if (!in.hasToken(JsonToken.VALUE_STRING)) {
        return (Timestamp) context.handleUnexpectedToken(getValueType(context), in);
      }
      String text = in.getString();
      try {
        return Timestamp.from(Instant.parse(text));
      } catch (DateTimeParseException | IllegalArgumentException e) {
        return (Timestamp) context.handleWeirdStringValue(Timestamp.class, text, "not a moment");
      }
    }
  }

  private static final class WriteMillis<T extends java.util.Date> extends StdScalarSerializer<T> {
    WriteMillis(Class<T> type) {
      super(type);
    }

    @Override
    public void serialize(T value, JsonGenerator out, SerializationContext context) {
      out.writeNumber(value.getTime());
    }
  }

  private static final class ReadDate extends StdScalarDeserializer<java.sql.Date> {
    ReadDate() {
      super(java.sql.Date.class);
    }

    @Override
    public java.sql.Date deserialize(JsonParser in, DeserializationContext context) {
      return in.hasToken(JsonToken.VALUE_NUMBER_INT)
          ? new java.sql.Date(in.getLongValue())
          : (java.sql.Date) context.handleUnexpectedToken(getValueType(context), in);
    }
  }

  private static final class ReadTime extends StdScalarDeserializer<java.sql.Time> {
    ReadTime() {
      super(java.sql.Time.class);
    }

    @Override
    public java.sql.Time deserialize(JsonParser in, DeserializationContext context) {
      return in.hasToken(JsonToken.VALUE_NUMBER_INT)
          ? new java.sql.Time(in.getLongValue())
          : (java.sql.Time) context.handleUnexpectedToken(getValueType(context), in);
    }
  }
}
