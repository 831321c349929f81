package io.cacheaside.internal.load;

import io.cacheaside.ContextPropagation;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.flow.Caller;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Where the loaders of a cache run. */
public final class LoaderExecutors {
  private final Executor executor;
  private final @Nullable Executor loaderExecutor;
  private final @Nullable Executor backgroundThreads;
  private final @Nullable ContextPropagation contextPropagation;
  private final Events<?> events;

  /**
   * Creates the executors of a cache.
   *
   * @param executor runs the steps of operations
   * @param loaderExecutor runs loaders; null if their callers do
   * @param backgroundThreads may be blocked by loaders; null if there are none
   */
  public LoaderExecutors(
      Executor executor,
      @Nullable Executor loaderExecutor,
      @Nullable Executor backgroundThreads,
      @Nullable ContextPropagation contextPropagation,
      Events<?> events) {
    this.executor = executor;
    this.loaderExecutor = loaderExecutor;
    this.backgroundThreads = backgroundThreads;
    this.contextPropagation = contextPropagation;
    this.events = events;
  }

  /**
   * Returns where the loaders of a caller run: on the thread that waits for them, unless set
   * otherwise; blocking ones for which no thread waits in the background. A loader on the loader
   * executor that reads a cache keeps its thread, because that may be the only one.
   */
  public Executor of(Caller caller) {
    boolean elsewhere =
        caller.isWaitingThread()
            ? loaderExecutor != null && !BackgroundContext.isOnThreadOf(loaderExecutor)
            : caller.hasBlockingLoaders();
    return elsewhere ? background(caller) : caller;
  }

  /**
   * Returns where the loaders of several keys of a caller run: side by side in the background, or
   * one after the other where they could come to wait for the thread that waits for them.
   *
   * @param nested whether another loader of this cache waits for them
   */
  public Executor sideBySide(Caller caller, boolean nested) {
    boolean couldWaitForItself =
        nested || (loaderExecutor != null && BackgroundContext.isOnThreadOf(loaderExecutor));
    return couldWaitForItself ? of(caller) : background(caller);
  }

  /**
   * Returns where loaders run for which nobody lends a thread, with the context of this one:
   * blocking loaders on threads that they may block.
   */
  public Executor background(Caller reader) {
    Executor on = loaderExecutor;
    if (on == null) {
      on = reader.hasBlockingLoaders() && backgroundThreads != null ? backgroundThreads : executor;
    }
    return BackgroundContext.capture(on, contextPropagation, events);
  }
}
