package io.cacheaside.benchmarks;

/**
 * What a number must not exceed, or must reach.
 *
 * @param text as it stands in the table
 * @param limit in the unit of the number
 * @param unit of the number, for how much is missing
 * @param atLeast whether the number must reach the limit
 */
record Goal(String text, double limit, String unit, boolean atLeast) {
  static final Goal NONE = new Goal("", Double.POSITIVE_INFINITY, "", false);

  static Goal ratio(double limit) {
    return atMost(limit, "×");
  }

  static Goal timesAsMany(double limit) {
    return new Goal("at least " + Samples.format(limit) + " ×", limit, "×", true);
  }

  static Goal atMost(double limit, String unit) {
    String text = "at most " + Samples.format(limit) + " " + unit;
    return new Goal(text.strip(), limit, unit, false);
  }

  /** Nothing at all, but for what the profiler itself and rare maintenance allocate. */
  static Goal noBytes() {
    return new Goal("0 B", 0.5, "B", false);
  }

  static Goal bytesMore(int limit) {
    return new Goal("at most " + limit + " B more", limit, "B", false);
  }

  boolean isNone() {
    return text.isEmpty();
  }

  String verdict(double measured) {
    if (isNone()) {
      return "";
    }
    double missing = atLeast ? limit - measured : measured - limit;
    return missing <= 0 ? "met" : ("missed by " + Samples.format(missing) + " " + unit).strip();
  }
}
