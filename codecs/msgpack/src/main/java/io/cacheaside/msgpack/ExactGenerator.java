package io.cacheaside.msgpack;

import com.fasterxml.jackson.core.Base64Variant;
import com.fasterxml.jackson.core.ObjectCodec;
import io.cacheaside.codec.CodecException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import org.msgpack.core.MessagePack;
import org.msgpack.jackson.dataformat.MessagePackGenerator;

/**
 * Refuses what the generator of the format would change without a word (text that has no UTF-8
 * form) or never finish (a value that contains itself), and writes parts of byte arrays from where
 * they begin.
 */
final class ExactGenerator extends MessagePackGenerator {
  private final int maxDepth;
  private int depth;

  ExactGenerator(int features, ObjectCodec codec, OutputStream out, int maxDepth)
      throws IOException {
    super(features, codec, out, MessagePack.DEFAULT_PACKER_CONFIG, false, false);
    this.maxDepth = maxDepth;
  }

  @Override
  public void writeStartArray() {
    enter();
    super.writeStartArray();
  }

  @Override
  public void writeEndArray() throws IOException {
    depth--;
    super.writeEndArray();
  }

  @Override
  public void writeStartObject() {
    enter();
    super.writeStartObject();
  }

  @Override
  public void writeEndObject() throws IOException {
    depth--;
    super.writeEndObject();
  }

  private void enter() {
    if (++depth > maxDepth) {
      throw new CodecException("The value is nested more than " + maxDepth + " deep");
    }
  }

  @Override
  public void writeFieldName(String name) {
    requireUnicode(name);
    super.writeFieldName(name);
  }

  @Override
  public void writeString(String text) throws IOException {
    requireUnicode(text);
    super.writeString(text);
  }

  @Override
  public void writeString(char[] text, int offset, int length) throws IOException {
    writeString(new String(text, offset, length));
  }

  private static void requireUnicode(String text) {
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      if (Character.getType(text.codePointAt(i)) == Character.SURROGATE) {
        throw new CodecException("A text has an unpaired surrogate and no exact UTF-8 form");
      }
    }
  }

  @Override
  public void writeBinary(Base64Variant variant, byte[] bytes, int offset, int length)
      throws IOException {
    super.writeBinary(variant, Arrays.copyOfRange(bytes, offset, offset + length), 0, length);
  }
}
