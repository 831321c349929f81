package io.cacheaside;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * Reads the values of several keys from the source of truth at once.
 *
 * @param <K> the keys
 * @param <V> the values
 * @see Loader
 */
@FunctionalInterface
public interface BulkLoader<K, V> {

  /**
   * Returns the current values of keys.
   *
   * @param keys at least one key and at most 10,000; unmodifiable
   * @return what the source has; a key that is missing or null is absent in the source, keys that
   *     were not asked for are ignored
   * @throws Exception if the source could not be read: all these keys failed
   */
  Map<? extends K, ? extends V> loadAll(Set<K> keys) throws Exception;

  /**
   * Returns a bulk loader for a source that returns values without their keys, as {@code
   * findAllById} of a repository does.
   *
   * <pre>{@code
   * users.getAll(ids, BulkLoader.byKey(User::id, repository::findAllById))
   * }</pre>
   *
   * @param keyOf returns the key of a value
   * @param source returns the values of keys in any order, without those it does not have; null
   *     elements are ignored. It gets the keys as an unmodifiable list without repetition. Two
   *     values with one key fail the load
   */
  static <K, V> BulkLoader<K, V> byKey(
      Function<? super V, ? extends K> keyOf, ValuesLoader<K, ? extends V> source) {
    Objects.requireNonNull(keyOf, "keyOf");
    Objects.requireNonNull(source, "source");
    return keys -> keyed(keyOf, source.loadAll(List.copyOf(keys)));
  }

  private static <K, V> Map<K, V> keyed(
      Function<? super V, ? extends K> keyOf, Iterable<? extends V> values) {
    Map<K, V> keyed = new HashMap<>();
    for (V value : Objects.requireNonNull(values, "the source returned null")) {
      if (value != null
          && keyed.put(Objects.requireNonNull(keyOf.apply(value), "keyOf returned null"), value)
              != null) {
        throw new IllegalStateException("the source returned two values with the same key");
      }
    }
    return keyed;
  }
}
