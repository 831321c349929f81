package io.cacheaside.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Which name was meant by one that does not exist. */
final class Spelling {
  private static final int MOST_SLIPS = 2;

  private Spelling() {}

  /** Returns the name nearest to what was written; of several the first one. */
  static Optional<String> nearest(String written, Collection<String> names) {
    String dashed = Setting.dashed(written);
    return names.stream().min(Comparator.comparingInt(name -> distance(dashed, name)));
  }

  private static int distance(String written, String name) {
    String dashed = Setting.dashed(name);
    return dashed.startsWith(written + "-") ? 0 : changes(written, dashed);
  }

  /** Returns whether a word is another one with a slip or two. */
  static boolean isSlip(String word, String of) {
    return !word.equals(of) && changes(word, of) <= MOST_SLIPS;
  }

  /** Returns the Levenshtein distance. */
  static int changes(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
