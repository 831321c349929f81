package io.cacheaside.benchmarks;

import io.cacheaside.codec.Codec;
import io.cacheaside.jackson.JsonCodec;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The value in all comparisons, and the codec that all of them encode it with. */
record Order(String id, String customer, List<Line> lines, String note) {
  static final int SMALL_BYTES = 256;
  static final int LARGE_BYTES = 16 * 1_024;
  static final Codec<Order> CODEC = JsonCodec.of(Order.class);

  private static final int BYTES_EACH_LINE = 80;

  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz    ";

  record Line(String article, int count, long cents) {}

  /** Returns an order whose JSON has exactly so many bytes. */
  static Order of(String key, int bytes) {
    List<Line> lines =
        IntStream.range(0, bytes / BYTES_EACH_LINE)
            .mapToObj(
                i -> new Line("article-" + (1_000 + i), 1 + i % 9, 99L + i * 7_919L % 100_000))
            .toList();
    Order empty = new Order(key, "customer of " + key, lines, "");
    int missing = bytes - CODEC.encode(empty).length;
    return new Order(empty.id, empty.customer, lines, text(missing));
  }

  /** Letters and blanks by chance, the same each time. */
  private static String text(int length) {
    Random random = new Random(length);
    return Stream.generate(() -> random.nextInt(LETTERS.length()))
        .limit(length)
        .map(i -> LETTERS.substring(i, i + 1))
        .collect(Collectors.joining());
  }
}
