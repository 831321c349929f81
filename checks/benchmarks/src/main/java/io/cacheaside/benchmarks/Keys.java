package io.cacheaside.benchmarks;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Hands the same keys to every thread, each in an order of its own. */
@State(Scope.Thread)
public class Keys {
  static final int COUNT = 1_024;

  /** Odd, so that it visits all of a power of two, and far from the order of insertion. */
  private static final int STEP = 619;

  private final String[] keys = all();
  private int at = (int) (Thread.currentThread().getId() * 37);

  static String[] all() {
    return all(COUNT);
  }

  static String[] all(int count) {
    return IntStream.range(0, count).mapToObj(i -> "user-" + i).toArray(String[]::new);
  }

  String next() {
    at += STEP;
    return keys[at & (COUNT - 1)];
  }

  List<String> next(int count) {
    return Stream.generate(this::next).limit(count).toList();
  }
}
