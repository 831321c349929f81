package io.cacheaside.msgpack;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageFormat;

/**
 * Reads text as UTF-8 where that is not the default of the platform.
 *
 * <p>The parser of the format decodes text of up to 64 bytes with the default charset, which on
 * Java 17 depends on the locale.
 */
final class Utf8Parser extends JsonParserDelegate {
  private final byte[] bytes;
  private final int offset;

  Utf8Parser(JsonParser parser, byte[] bytes, int offset) {
    super(parser);
    this.bytes = bytes;
    this.offset = offset;
  }

  @Override
  public JsonToken nextToken() throws IOException {
    JsonToken token = super.nextToken();
    if (token == JsonToken.FIELD_NAME) {
      overrideCurrentName(getText());
    }
    return token;
  }

  @Override
  public JsonToken nextValue() throws IOException {
    JsonToken token = nextToken();
    return token == JsonToken.FIELD_NAME ? nextToken() : token;
  }

  @Override
  public String getText() throws IOException {
    int from = (int) currentTokenLocation().getCharOffset();
    int header = isText() ? headerBytes(bytes[offset + from]) : 0;
    if (header == 0) {
      return super.getText();
    }
    int length = (int) currentLocation().getCharOffset() - from - header;
    return new String(bytes, offset + from + header, length, StandardCharsets.UTF_8);
  }

  private boolean isText() {
    return hasToken(JsonToken.VALUE_STRING) || hasToken(JsonToken.FIELD_NAME);
  }

  /**
   * Returns how long the header of a text is; 0 for what is no text, as the name of a field may be.
   */
  private static int headerBytes(byte first) {
    return switch (MessageFormat.valueOf(first)) {
      case FIXSTR -> 1;
      case STR8 -> 2;
      case STR16 -> 3;
      case STR32 -> 5;
      default -> 0;
    };
  }

  @Override
  public int getText(Writer writer) throws IOException {
    String text = getText();
    writer.write(text);
    return text.length();
  }

  @Override
  public char[] getTextCharacters() throws IOException {
    return getText().toCharArray();
  }

  @Override
  public int getTextLength() throws IOException {
    return getText().length();
  }

  @Override
  public @Nullable String getValueAsString() throws IOException {
    return isText() ? getText() : super.getValueAsString();
  }

  @Override
  public @Nullable String getValueAsString(@Nullable String other) throws IOException {
    return isText() ? getText() : super.getValueAsString(other);
  }
}
