package io.cacheaside.verification.codec;

import java.util.List;

/** Texts of which something is easily lost. */
final class Texts {
  /** What UTF-8 can hold, in one to four bytes per character, and of more than 64 bytes. */
  static final String UNICODE =
      "\u0000 a é € 日本語 عربى \uFEFF \uFFFF 👩‍👩‍👧 🇨🇭 \uD83D\uDE00".repeat(3);

  static final List<String> ALL =
      List.of(
          "",
          " ",
          "0",
          "null",
          "\"",
          "\n\r\t\\",
          "é",
          "日本語",
          "👍🏽",
          UNICODE,
          "long ".repeat(1_000));

  /** What no UTF-8 can hold. */
  static final List<String> UNPAIRED_SURROGATES = List.of("\uD83D", "a\uDE00b", "\uDE00\uD83D");

  private Texts() {}

  static String ofTenMegabytes() {
    StringBuilder text = new StringBuilder(10_000_000);
    for (int i = 0; text.length() < 9_000_000; i++) {
      text.append(i * 0x9E3779B9).append(" äöü 👍 ");
    }
    return text.toString();
  }
}
