package io.cacheaside.jackson;

import io.cacheaside.codec.CodecException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;

/** The limits of reading, for what was just written: beyond them it could never be read again. */
final class ReadLimits {
  private final TokenStreamFactory factory;
  private final StreamReadConstraints limits;
  private final int smallest;

  ReadLimits(TokenStreamFactory factory) {
    this.factory = factory;
    this.limits = factory.streamReadConstraints();
    int lengths =
        Math.min(
            limits.getMaxNameLength(),
            Math.min(limits.getMaxNumberLength(), limits.getMaxStringLength()));
    int counts =
        limits.hasMaxTokenCount()
            ? (int) Math.min(limits.getMaxTokenCount(), limits.getMaxNestingDepth())
            : limits.getMaxNestingDepth();
    this.smallest = limits.hasMaxDocumentLength() ? 0 : Math.min(lengths, counts);
  }

  /**
   * Checks a payload; a short one exceeds no limit.
   *
   * @throws CodecException if it cannot be read, with the limit
   */
  void check(byte[] payload) {
    if (payload.length <= smallest) {
      return;
    }
    try (JsonParser in = factory.createParser(ObjectReadContext.empty(), payload)) {
      for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
        checkLength(in, token, payload.length);
      }
    } catch (JacksonException e) {
      throw new CodecException(
          "The value could be written and never read: " + e.getOriginalMessage());
    }
  }

  private void checkLength(JsonParser in, JsonToken token, int payloadBytes) {
    if (token.isNumeric() && in.getStringLength() > limits.getMaxNumberLength()) {
      throw new CodecException(
          "A number has more than %,d digits and could never be read (maxNumberLength)"
              .formatted(limits.getMaxNumberLength()));
    }
    if (token == JsonToken.VALUE_STRING
        && payloadBytes > limits.getMaxStringLength()
        && in.getStringLength() > limits.getMaxStringLength()) {
      throw new CodecException(
          "A text has more than %,d characters and could never be read (maxStringLength)"
              .formatted(limits.getMaxStringLength()));
    }
  }
}
