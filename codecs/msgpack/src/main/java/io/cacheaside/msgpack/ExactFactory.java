package io.cacheaside.msgpack;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.io.IOContext;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.msgpack.jackson.dataformat.MessagePackFactory;

/** The format without what makes it inexact, and without payloads kept in thread locals. */
final class ExactFactory extends MessagePackFactory {
  private static final long serialVersionUID = 1L;

  /** What the usual stack of 1 MiB is enough for, which it is not for the default of 1,000. */
  private static final int MAX_DEPTH = 500;

  ExactFactory(MessagePackFactory factory) {
    super(factory);
    setReuseResourceInParser(false);
  }

  /**
   * Returns how deep values and payloads may be nested; the same, so that what is written is read.
   */
  static int maxDepth(JsonFactory factory) {
    int read = factory.streamReadConstraints().getMaxNestingDepth();
    int written = factory.streamWriteConstraints().getMaxNestingDepth();
    return Math.min(MAX_DEPTH, Math.min(read, written));
  }

  @Override
  public JsonGenerator createGenerator(OutputStream out, JsonEncoding encoding) throws IOException {
    return new ExactGenerator(_generatorFeatures, _objectCodec, out, maxDepth(this));
  }

  @Override
  protected JsonParser _createParser(byte[] bytes, int offset, int length, IOContext context)
      throws IOException {
    JsonParser parser = super._createParser(bytes, offset, length, context);
    return Charset.defaultCharset().equals(StandardCharsets.UTF_8)
        ? parser
        : new Utf8Parser(parser, bytes, offset);
  }

  @Override
  public JsonFactory copy() {
    return new ExactFactory(this);
  }
}
