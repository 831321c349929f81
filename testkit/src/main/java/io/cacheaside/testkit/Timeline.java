package io.cacheaside.testkit;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The last things that happened, in their order: each with its time and thread. As many are kept of
 * each thread, so that a busy one does not push out what explains the failure of another.
 * Thread-safe.
 */
final class Timeline {

  private static final int KEPT_PER_THREAD = 12;
  private static final double NANOS_PER_MILLISECOND = 1e6;

  private record Event(long number, double millis, String thread, String text) {

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%10.3f ms  %-10s %s", millis, thread, text);
    }
  }

  private final long startNanos = System.nanoTime();
  private final Map<String, Deque<Event>> events = new HashMap<>();
  private long added;

  synchronized void add(String event) {
    String thread = Thread.currentThread().getName();
    Deque<Event> ofThread = events.computeIfAbsent(thread, name -> new ArrayDeque<>());
    if (ofThread.size() == KEPT_PER_THREAD) {
      ofThread.removeFirst();
    }
    double millis = (System.nanoTime() - startNanos) / NANOS_PER_MILLISECOND;
    ofThread.addLast(new Event(added++, millis, thread, event));
  }

  /** Returns a line for each event. */
  @Override
  public synchronized String toString() {
    return events.values().stream()
        .flatMap(Collection::stream)
        .sorted(Comparator.comparingLong(Event::number))
        .map(Event::toString)
        .collect(Collectors.joining("\n"));
  }
}
