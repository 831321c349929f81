package io.cacheaside.fuzzing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import java.util.Arrays;

/** Text is exact UTF-8 or refused, both ways; bytes are bytes. */
public final class Texts {
  private static final String PLACE = States.PLACE;

  private Texts() {}

  /** One byte that says what the rest is: a payload, or a text. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    Input in = new Input(bytes);
    boolean isText = in.flag();
    byte[] rest = in.rest();
    if (isText) {
      write(Input.text(rest));
    } else {
      read(rest);
    }
    Payloads.roundTrip(Codec.bytes(), rest, PLACE);
  }

  private static void read(byte[] payload) {
    String text = Payloads.decoded(Codec.string(), payload, PLACE);
    boolean exact = Arrays.equals(new String(payload, UTF_8).getBytes(UTF_8), payload);
    Violation.unlessEqual("whether it is text", text != null, exact);
    if (text != null) {
      Violation.unlessEqual("text", text, new String(payload, UTF_8));
      Payloads.roundTrip(Codec.string(), text, PLACE);
    }
  }

  private static void write(String text) {
    boolean exact = new String(text.getBytes(UTF_8), UTF_8).equals(text);
    try {
      Payloads.roundTrip(Codec.string(), text, PLACE);
      Violation.unless(exact, "a text without an exact form was written");
    } catch (CodecException refused) {
      Violation.unless(!exact, "a text with an exact form was refused");
    }
  }
}
