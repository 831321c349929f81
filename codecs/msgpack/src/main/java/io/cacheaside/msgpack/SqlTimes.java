package io.cacheaside.msgpack;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import java.io.IOException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.format.DateTimeParseException;

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
    private static final long serialVersionUID = 1L;

    WriteTimestamp() {
      super(Timestamp.class);
    }

    @Override
    public void serialize(Timestamp value, JsonGenerator out, SerializerProvider context)
        throws IOException {
      out.writeString(value.toInstant().toString());
    }
  }

  private static final class ReadTimestamp extends StdScalarDeserializer<Timestamp> {
    private static final long serialVersionUID = 1L;

    ReadTimestamp() {
      super(Timestamp.class);
    }

    @Override
    public Timestamp deserialize(JsonParser in, DeserializationContext context) throws IOException {
      if (!in.hasToken(JsonToken.VALUE_STRING)) {
        return (Timestamp) context.handleUnexpectedToken(Timestamp.class, in);
      }
      String text = in.getText();
      try {
        return Timestamp.from(Instant.parse(text));
      } catch (DateTimeParseException | IllegalArgumentException e) {
        return (Timestamp) context.handleWeirdStringValue(Timestamp.class, text, "not a moment");
      }
    }
  }

  private static final class WriteMillis<T extends java.util.Date> extends StdScalarSerializer<T> {
    private static final long serialVersionUID = 1L;

    WriteMillis(Class<T> type) {
      super(type);
    }

    @Override
    public void serialize(T value, JsonGenerator out, SerializerProvider context)
        throws IOException {
      out.writeNumber(value.getTime());
    }
  }

  private static final class ReadDate extends StdScalarDeserializer<java.sql.Date> {
    private static final long serialVersionUID = 1L;

    ReadDate() {
      super(java.sql.Date.class);
    }

    @Override
    public java.sql.Date deserialize(JsonParser in, DeserializationContext context)
        throws IOException {
      return in.hasToken(JsonToken.VALUE_NUMBER_INT)
          ? new java.sql.Date(in.getLongValue())
          : (java.sql.Date) context.handleUnexpectedToken(java.sql.Date.class, in);
    }
  }

  private static final class ReadTime extends StdScalarDeserializer<java.sql.Time> {
    private static final long serialVersionUID = 1L;

    ReadTime() {
      super(java.sql.Time.class);
    }

    @Override
    public java.sql.Time deserialize(JsonParser in, DeserializationContext context)
        throws IOException {
      return in.hasToken(JsonToken.VALUE_NUMBER_INT)
          ? new java.sql.Time(in.getLongValue())
          : (java.sql.Time) context.handleUnexpectedToken(java.sql.Time.class, in);
    }
  }
}
