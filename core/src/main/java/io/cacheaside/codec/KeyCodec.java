package io.cacheaside.codec;

import java.util.UUID;

/**
 * Turns keys into text, injectively: two keys that are not equal never have the same text. Two
 * equal keys always have the same text; otherwise an invalidation misses the entry of the other.
 *
 * <p>That is all it has to guarantee: text may contain any character, also separators, glob
 * characters and braces (on Redis Cluster a part in braces decides the slot, as it does for any
 * key). Join several fields with a separator that cannot occur in them, prefix each with its
 * length, or use a record and {@link #ofRecord}. Implementations are thread-safe and fast: a cache
 * calls them on every operation.
 *
 * @param <K> the keys; never null
 */
@FunctionalInterface
public interface KeyCodec<K> {

  /** Returns the text of a key; never null or empty. */
  String encode(K key);

  /** Returns the codec for text keys: the text itself. */
  static KeyCodec<String> string() {
    return of(String.class);
  }

  /** Returns the codec for whole numbers, in decimal digits. */
  static KeyCodec<Long> number() {
    return of(Long.class);
  }

  /** Returns the codec for whole numbers of 32 bits, in decimal digits. */
  static KeyCodec<Integer> integer() {
    return of(Integer.class);
  }

  /** Returns the codec for UUIDs, in their canonical form (RFC 9562). */
  static KeyCodec<UUID> uuid() {
    return of(UUID.class);
  }

  /**
   * Returns the codec for the constants of an enum, by name.
   *
   * <p>The order of the constants does not matter. The entry of a constant that is renamed is not
   * found any more and expires. If another constant gets the old name, it gets the old entry too:
   * give the cache another name then.
   */
  static <E extends Enum<E>> KeyCodec<E> ofEnum(Class<E> type) {
    return of(type);
  }

  /**
   * Returns the codec for the records of a class: the texts of the components, in their order, with
   * a colon between them. {@code new PriceKey("NO", 7)} becomes {@code NO:7}.
   *
   * <p>A component is of a type that {@link #of} takes. A record in a record contributes its own
   * components. In the text of a component, {@code %} is written as {@code %25} and a colon as
   * {@code %3A}; if nothing is left, because there is no component or only an empty one, the text
   * of the key is {@code %}.
   *
   * <p><b>Injective.</b> Every record of the class has the same number of components, and no colon
   * is inside one, so each component can be read back from the text. Two records with the same text
   * therefore have equal components, which makes them equal by the contract of {@link Record}.
   *
   * <p>The codec reads components with their accessors. Renaming a component changes nothing;
   * adding, removing or moving one changes the text, so give the cache another name then. A {@code
   * null} component is refused when a key is used, with an {@link IllegalArgumentException}: a key
   * without, say, its tenant is nearly always a mistake, and its entry would be shared by all that
   * make it.
   *
   * <p>The class may be private or local. In a named module, its package has to be open to {@code
   * io.cacheaside.core}, unless the class is public and its package exported.
   *
   * @throws IllegalArgumentException if a component has another type, the record contains itself,
   *     or its package is not open; with the component and the fix
   */
  static <R extends Record> KeyCodec<R> ofRecord(Class<R> type) {
    return of(type);
  }

  /**
   * Returns the codec for a type of keys: text, {@code boolean}, {@code char}, {@code byte}, {@code
   * short}, {@code int}, {@code long} and their classes, {@link UUID}, the values of {@code
   * java.time} such as {@code Instant}, {@code LocalDate} and {@code Duration} (in ISO 8601),
   * {@linkplain #ofEnum enums}, and {@linkplain #ofRecord records} of these.
   *
   * @throws IllegalArgumentException if it is another type, or a record with a component of one
   */
  static <K> KeyCodec<K> of(Class<K> type) {
    return new TypedKeyCodec<>(type, KeyText.of(type));
  }
}
