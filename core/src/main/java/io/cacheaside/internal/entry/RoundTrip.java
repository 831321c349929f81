package io.cacheaside.internal.entry;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import io.cacheaside.codec.CodecOverloadedException;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Compares encoded values with what a hit would return: the first ones of each class, then one in
 * some, and every one of a class that has been found to lose something.
 */
final class RoundTrip<V> {
  private static final int FIRST = 8;
  private static final int ONE_IN = 64;
  private static final int MAX_CLASSES = 1_000;

  private final Codec<V> codec;
  private final ConcurrentMap<Class<?>, Samples> samples = new ConcurrentHashMap<>();
  private final Samples others = new Samples();

  RoundTrip(Codec<V> codec) {
    this.codec = codec;
  }

  /** How many values of a class were encoded, and whether one of them was not read back. */
  private static final class Samples {
    private final AtomicLong encoded = new AtomicLong();
    private volatile boolean lossy;

    boolean isNextDue() {
      long before = encoded.getAndIncrement();
      return lossy || before < FIRST || before % ONE_IN == 0;
    }
  }

  /**
   * Compares a value with its payload, if that is due.
   *
   * @throws CodecException if it would not be read as it is, with the component that differs
   */
  void check(V value, byte[] payload, String place) {
    Samples ofClass = samplesOf(value.getClass());
    if (ofClass.isNextDue()) {
      try {
        compare(value, payload, place);
      } catch (CodecException e) {
        ofClass.lossy = true;
        throw e;
      }
    }
  }

  private Samples samplesOf(Class<?> type) {
    Samples known = samples.get(type);
    if (known != null) {
      return known;
    }
    return samples.size() < MAX_CLASSES
        ? samples.computeIfAbsent(type, any -> new Samples())
        : others;
  }

  private void compare(V value, byte[] payload, String place) {
    V read;
    try {
      read = codec.decode(ByteBuffer.wrap(payload), place);
    } catch (CodecOverloadedException e) {
      return; // says nothing about the value
    } catch (Exception e) {
      throw new CodecException("The value could be written, but not read back", e);
    }
    String difference = Difference.between(value, read);
    if (difference != null) {
      throw new LossyCodecException(difference, value.getClass());
    }
  }
}
