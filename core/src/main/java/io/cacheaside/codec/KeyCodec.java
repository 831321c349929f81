package io.cacheaside.codec;

import java.util.UUID;

/**
 * Turns keys into text, injectively: two keys that are not equal never have the same text.
 *
 * <p>That is all it has to guarantee: text may contain any character, also separators, glob
 * characters and braces (on Redis Cluster a part in braces decides the slot, as it does for any
 * key). Join several fields with a separator that cannot occur in them, or prefix each with its
 * length. Implementations are thread-safe and fast: a cache calls them on every operation.
 *
 * @param <K> the keys; never null
 */
@FunctionalInterface
public interface KeyCodec<K> {

  /** Returns the text of a key; never null or empty. */
  String encode(K key);

  /** Returns the codec for text keys: the text itself. */
  static KeyCodec<String> string() {
    return key -> key;
  }

  /** Returns the codec for whole numbers, in decimal digits. */
  static KeyCodec<Long> number() {
    return key -> Long.toString(key);
  }

  /** Returns the codec for UUIDs, in their canonical form (RFC 9562). */
  static KeyCodec<UUID> uuid() {
    return UUID::toString;
  }
}
