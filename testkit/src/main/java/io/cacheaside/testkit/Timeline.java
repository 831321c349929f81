package io.cacheaside.testkit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/** The last things that happened, in their order: each with its time and thread. Thread-safe. */
final class Timeline {

  private static final int KEPT = 40;
  private static final double NANOS_PER_MILLISECOND = 1e6;

  private final long startNanos = System.nanoTime();
  private final Deque<String> events = new ArrayDeque<>();

  synchronized void add(String event) {
    if (events.size() == KEPT) {
      events.removeFirst();
    }
    double millis = (System.nanoTime() - startNanos) / NANOS_PER_MILLISECOND;
    events.add(
        String.format(
            Locale.ROOT, "%10.3f ms  %-10s %s", millis, Thread.currentThread().getName(), event));
  }

  /** Returns a line for each event. */
  @Override
  public synchronized String toString() {
    return String.join("\n", events);
  }
}
