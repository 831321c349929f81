package io.cacheaside.fuzzing;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Small changes of inputs by a seed, without coverage to lead them. */
final class Mutation {
  private static final byte[] EDGES = {0, 1, -1, Byte.MAX_VALUE, Byte.MIN_VALUE, '*', '%', '{'};
  private static final int MOST_CHANGES = 4;
  private static final int LONGEST_INSERT_BYTES = 16;

  private final Random random;
  private final List<byte[]> corpus;
  private final int maxBytes;

  Mutation(long seed, List<byte[]> corpus, int maxBytes) {
    this.random = new Random(seed);
    this.corpus = corpus;
    this.maxBytes = maxBytes;
  }

  byte[] next() {
    byte[] input = any().clone();
    for (int changes = random.nextInt(MOST_CHANGES); changes >= 0; changes--) {
      input = changed(input);
    }
    return Arrays.copyOf(input, Math.min(input.length, maxBytes));
  }

  private byte[] any() {
    return corpus.get(random.nextInt(corpus.size()));
  }

  private byte[] changed(byte[] input) {
    int at = random.nextInt(input.length + 1);
    if (at == input.length) {
      return joined(input, at, randomBytes());
    }
    return switch (random.nextInt(6)) {
      case 0 -> set(input, at, (byte) (input[at] ^ 1 << random.nextInt(Byte.SIZE)));
      case 1 -> set(input, at, (byte) random.nextInt());
      case 2 -> set(input, at, EDGES[random.nextInt(EDGES.length)]);
      case 3 -> joined(input, at, Arrays.copyOfRange(input, at + 1, input.length));
      case 4 -> spliced(input, at);
      default -> inserted(input, at);
    };
  }

  private static byte[] set(byte[] input, int at, byte value) {
    input[at] = value;
    return input;
  }

  private byte[] inserted(byte[] input, int at) {
    byte[] longer = joined(input, at, randomBytes());
    return joined(longer, longer.length, Arrays.copyOfRange(input, at, input.length));
  }

  private byte[] spliced(byte[] input, int at) {
    byte[] other = any();
    return joined(input, at, Arrays.copyOfRange(other, Math.min(at, other.length), other.length));
  }

  private byte[] randomBytes() {
    byte[] bytes = new byte[1 + random.nextInt(LONGEST_INSERT_BYTES)];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Returns the first bytes of one array and all of another one. */
  private static byte[] joined(byte[] one, int length, byte[] other) {
    byte[] both = Arrays.copyOf(one, length + other.length);
    System.arraycopy(other, 0, both, length, other.length);
    return both;
  }
}
