package io.cacheaside.benchmarks;

/**
 * What a number must not exceed.
 *
 * @param text as it stands in the table
 * @param limit in the unit of the number
 * @param unit of the number, for how much is too much
 */
record Goal(String text, double limit, String unit) {
  static final Goal NONE = new Goal("", Double.POSITIVE_INFINITY, "");

  static Goal ratio(double limit) {
    return new Goal("at most " + Samples.format(limit) + " ×", limit, "×");
  }

  /** Nothing at all, but for what the profiler itself and rare maintenance allocate. */
  static Goal noBytes() {
    return new Goal("0 B", 0.5, "B");
  }

  static Goal bytesMore(int limit) {
    return new Goal("at most " + limit + " B more", limit, "B");
  }

  String verdict(double measured) {
    if (text.isEmpty()) {
      return "";
    }
    return measured <= limit ? "met" : "missed by " + Samples.format(measured - limit) + " " + unit;
  }
}
