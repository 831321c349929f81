package io.cacheaside.benchmarks;

import io.cacheaside.codec.Codec;
import io.cacheaside.jackson.JsonCodec;
import java.util.List;
import java.util.stream.IntStream;

/** The value in all comparisons, and the codec that all of them encode it with. */
record Order(String id, String customer, List<Line> lines, String note) {
  static final int SMALL_BYTES = 256;
  static final int LARGE_BYTES = 16 * 1_024;
  static final Codec<Order> CODEC = JsonCodec.of(Order.class);

  private static final int BYTES_EACH_LINE = 128;

  record Line(String article, int count, long cents) {}

  /** Returns an order whose JSON has exactly so many bytes. */
  static Order of(String key, int bytes) {
    List<Line> lines =
        IntStream.range(0, bytes / BYTES_EACH_LINE)
            .mapToObj(i -> new Line("article-" + (1_000 + i), 1 + i % 9, 99L + 100 * i))
            .toList();
    Order empty = new Order(key, "customer of " + key, lines, "");
    int missing = bytes - CODEC.encode(empty).length;
    return new Order(
        empty.id, empty.customer, lines, "abcdefgh ".repeat(bytes).substring(0, missing));
  }
}
