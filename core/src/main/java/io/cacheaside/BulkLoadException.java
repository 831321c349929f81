package io.cacheaside;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says that some keys of a {@code getAll} could not be loaded, and carries what is known of the
 * others.
 *
 * <p>The first failure is the cause. What was loaded is cached as usual.
 */
public class BulkLoadException extends CacheAsideException {
  private static final long serialVersionUID = 1L;

  private final transient @Nullable Map<Object, Object> values;
  private final transient @Nullable Map<Object, Throwable> failures;

  /**
   * Creates an exception, as a cache throws it.
   *
   * @param cacheName of the cache
   * @param values what was loaded
   * @param failures what could not be, by key
   * @param first of these failures
   */
  public BulkLoadException(
      String cacheName, Map<?, ?> values, Map<?, ? extends Throwable> failures, Throwable first) {
    super(cacheName, failures.size() + " keys could not be loaded", first);
    this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    this.failures = Collections.unmodifiableMap(new LinkedHashMap<>(failures));
  }

  /**
   * Returns the values of the other keys, without those that the source does not have, in the order
   * in which they were asked for; empty after deserialisation.
   */
  public Map<Object, Object> values() {
    return values == null ? Map.of() : values;
  }

  /** Returns the failure of each key that could not be loaded, likewise. */
  public Map<Object, Throwable> failures() {
    return failures == null ? Map.of() : failures;
  }
}
