package io.cacheaside.internal.entry;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * Values as they stand in a message or a record of the log. Text of others keeps no line break and
 * no other control character, which could pretend to be more than text.
 */
public final class Printable {
  private Printable() {}

  /** Returns a text with control and format characters, and line ends, in Java's escaped form. */
  public static String of(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!isPrintable(text.charAt(i))) {
        return escaped(text);
      }
    }
    return text;
  }

  /** Returns a time exactly, in seconds if it is a whole number of them, or else milliseconds. */
  public static String of(Duration time) {
    return time.getNano() == 0
        ? time.getSeconds() + " s"
        : BigDecimal.valueOf(time.getSeconds())
                .scaleByPowerOfTen(3)
                .add(BigDecimal.valueOf(time.getNano(), 6))
                .stripTrailingZeros()
                .toPlainString()
            + " ms";
  }

  /** Returns a time in milliseconds to three places, or in whole seconds from 10 s on. */
  public static String rounded(Duration time) {
    return time.toSeconds() >= 10
        ? time.toSeconds() + " s"
        : of(Duration.ofNanos(time.toNanos() / 1_000 * 1_000));
  }

  private static String escaped(String text) {
    StringBuilder shown = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isPrintable(c)) {
        shown.append(c);
      } else {
        shown.append("\\u").append(String.format("%04x", (int) c));
      }
    }
    return shown.toString();
  }

  private static boolean isPrintable(char c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
