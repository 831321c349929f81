package io.cacheaside.micrometer;

import io.cacheaside.ContextPropagation;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * Context propagation with {@code io.micrometer:context-propagation}: every {@code
 * ThreadLocalAccessor} of its registry goes along to loaders on another thread, such as the current
 * observation and span.
 *
 * <pre>{@code
 * builder.contextPropagation(MicrometerContext.propagation());
 * }</pre>
 *
 * <p>Needs that library, which this module does not bring. Stateless and thread-safe.
 */
public final class MicrometerContext {
  private MicrometerContext() {}

  /**
   * Returns propagation of all values in the global registry. A loader sees no value of its thread
   * that its reader does not have.
   */
  public static ContextPropagation propagation() {
    return propagation(ContextSnapshotFactory.builder().clearMissing(true).build());
  }

  /** Returns propagation of the values that a factory captures. */
  @SuppressWarnings("exports") // the library is optional
  public static ContextPropagation propagation(ContextSnapshotFactory factory) {
    Objects.requireNonNull(factory, "factory");
    return () -> wrapping(factory.captureAll());
  }

  private static UnaryOperator<Runnable> wrapping(ContextSnapshot snapshot) {
    return snapshot::wrap;
  }
}
