package io.cacheaside;

import java.util.function.UnaryOperator;

/**
 * Takes context of a reader's thread along to the thread that runs its loader: a trace, a tenant, a
 * security context.
 *
 * <pre>{@code
 * builder.contextPropagation(() -> Context.current()::wrap); // OpenTelemetry
 * }</pre>
 *
 * <p>The MDC and the context class loader go along without this.
 *
 * @see CacheAsideBuilder#contextPropagation
 */
@FunctionalInterface
public interface ContextPropagation {

  /**
   * Captures context on the thread of a reader.
   *
   * <p>It is called with each read that may run its loader on another thread, so it should be quick
   * and must not block. If it throws, the loader runs without this context, and the cache logs a
   * warning.
   *
   * @return wraps a task. The wrapped task sets the context, runs the task, and restores what its
   *     thread had before. The cache may wrap any number of tasks, on any thread: one for each
   *     attempt of the loader
   */
  UnaryOperator<Runnable> capture();
}
