package io.cacheaside;

import java.util.Map;

/**
 * Says that some keys of a {@code getAll} could not be loaded, and carries what is known of the
 * others.
 *
 * <p>The first failure is the cause. What was loaded is cached as usual.
 */
public class BulkLoadException extends CacheAsideException {
  private static final long serialVersionUID = 1L;

  private final transient Map<Object, Object> values;
  private final transient Map<Object, Throwable> failures;

  BulkLoadException(
      String cacheName, Map<?, ?> values, Map<?, ? extends Throwable> failures, Throwable first) {
    super(cacheName, failures.size() + " keys could not be loaded", first);
    this.values = Map.copyOf(values);
    this.failures = Map.copyOf(failures);
  }

  /** Returns the values of the other keys, without those that the source does not have. */
  public Map<Object, Object> values() {
    return values;
  }

  /** Returns the failure of each key that could not be loaded. */
  public Map<Object, Throwable> failures() {
    return failures;
  }
}
