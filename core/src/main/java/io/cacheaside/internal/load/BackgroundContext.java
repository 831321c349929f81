package io.cacheaside.internal.load;

import io.cacheaside.ContextPropagation;
import io.cacheaside.internal.events.Events;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinTask;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** What loaders on another thread have of the thread of their reader. */
final class BackgroundContext implements Executor {
  /** The executor whose thread this is, as far as the running loader knows. */
  private static final ThreadLocal<@Nullable Executor> THREAD_OF = new ThreadLocal<>();

  private final Executor on;
  private final @Nullable Map<String, String> mdc;
  private final @Nullable ClassLoader classLoader;
  private final @Nullable UnaryOperator<Runnable> further;

  private BackgroundContext(Executor on, @Nullable UnaryOperator<Runnable> further) {
    this.on = on;
    this.mdc = MDC.getCopyOfContextMap();
    this.classLoader = Thread.currentThread().getContextClassLoader();
    this.further = further;
  }

  /** Returns an executor whose tasks have the context of this thread. */
  static Executor capture(Executor on, @Nullable ContextPropagation propagation, Events<?> events) {
    UnaryOperator<Runnable> further = null;
    if (propagation != null) {
      try {
        further = propagation.capture();
      } catch (Throwable failure) {
        events.contextLost(failure);
      }
    }
    return new BackgroundContext(on, further);
  }

  /** Returns whether this thread belongs to an executor, so that nothing may wait for another. */
  static boolean isOnThreadOf(Executor executor) {
    return THREAD_OF.get() == executor || ForkJoinTask.getPool() == executor;
  }

  @Override
  public void execute(Runnable task) {
    Runnable wrapped = further == null ? task : further.apply(task);
    on.execute(() -> run(wrapped));
  }

  private void run(Runnable task) {
    Thread thread = Thread.currentThread();
    Executor outer = THREAD_OF.get();
    ClassLoader ownClassLoader = thread.getContextClassLoader();
    Map<String, String> ownMdc = MDC.getCopyOfContextMap();
    THREAD_OF.set(on);
    thread.setContextClassLoader(classLoader);
    setMdc(mdc);
    try {
      task.run();
    } finally {
      setMdc(ownMdc);
      thread.setContextClassLoader(ownClassLoader);
      if (outer == null) {
        THREAD_OF.remove();
      } else {
        THREAD_OF.set(outer);
      }
    }
  }

  private static void setMdc(@Nullable Map<String, String> context) {
    if (context == null) {
      MDC.clear();
    } else {
      MDC.setContextMap(context);
    }
  }
}
