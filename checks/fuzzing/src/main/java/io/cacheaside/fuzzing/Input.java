package io.cacheaside.fuzzing;

import java.util.Arrays;

/** An input, used up from the front; behind its end there are zeros. */
final class Input {
  private final byte[] bytes;
  private int position;

  Input(byte[] bytes) {
    this.bytes = bytes;
  }

  int left() {
    return bytes.length - position;
  }

  int next() {
    return position < bytes.length ? bytes[position++] & 0xFF : 0;
  }

  boolean flag() {
    return (next() & 1) != 0;
  }

  /** Returns a number from 0 to below a bound of 65,536 at most. */
  int below(int bound) {
    return (bound <= 256 ? next() : (next() << 8) | next()) % bound;
  }

  /** Returns a number of so many bytes, big-endian. */
  long number(int length) {
    long number = 0;
    for (int i = 0; i < length; i++) {
      number = (number << 8) | next();
    }
    return number;
  }

  /** Returns a few bytes, as many as one byte says. */
  byte[] part() {
    return bytes(next());
  }

  byte[] bytes(int length) {
    int end = Math.min(bytes.length, position + length);
    byte[] part = Arrays.copyOfRange(bytes, position, end);
    position = end;
    return part;
  }

  byte[] rest() {
    return bytes(left());
  }

  /** Returns a short text of any characters, unpaired surrogates included. */
  String text() {
    return text(part());
  }

  /** Returns a text of a byte or, if the first one says so, two bytes for each character. */
  static String text(byte[] bytes) {
    Input in = new Input(bytes);
    boolean wide = in.flag();
    StringBuilder text = new StringBuilder();
    while (in.left() > 0) {
      text.append((char) in.number(wide ? 2 : 1));
    }
    return text.toString();
  }
}
