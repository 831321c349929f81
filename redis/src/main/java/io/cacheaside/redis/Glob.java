package io.cacheaside.redis;

import java.util.regex.Pattern;

/** Glob patterns as the server reads them. */
final class Glob {
  private static final Pattern SPECIAL_IN_GLOB = Pattern.compile("[*?\\[\\]\\\\]");

  private Glob() {}

  /** Returns the pattern that matches a text alone. */
  static String literally(String text) {
    return SPECIAL_IN_GLOB.matcher(text).replaceAll("\\\\$0");
  }
}
