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

  ExactFactory(MessagePackFactory factory) {
    super(factory);
    setReuseResourceInParser(false);
  }

  @Override
  public JsonGenerator createGenerator(OutputStream out, JsonEncoding encoding) throws IOException {
    int maxDepth = streamWriteConstraints().getMaxNestingDepth();
    return new ExactGenerator(_generatorFeatures, _objectCodec, out, maxDepth);
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
