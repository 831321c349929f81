package io.cacheaside.internal.threads;

import java.lang.reflect.Method;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one cache on which loads in the background may block: a virtual thread for each
 * load where the JDK has them, else a small pool. The bound on loads limits the virtual ones.
 */
final class BackgroundThreads {
  private static final int MAX_THREADS = 16;
  private static final int MAX_QUEUED = 10_000;
  private static final int IDLE_SECONDS = 2;

  private BackgroundThreads() {}

  static ExecutorService of(String cacheName) {
    String prefix = "cache-aside-" + cacheName + "-";
    ExecutorService virtual = virtual(prefix);
    return virtual == null ? pool(prefix) : virtual;
  }

  /** Returns virtual threads; null if this JDK has none, as before 21. */
  private static @Nullable ExecutorService virtual(String prefix) {
    try {
      Class<?> type = Class.forName("java.lang.Thread$Builder");
      Method named = type.getMethod("name", String.class, long.class);
      Object builder = named.invoke(Thread.class.getMethod("ofVirtual").invoke(null), prefix, 0L);
      Object factory = type.getMethod("factory").invoke(builder);
      return (ExecutorService)
          Executors.class
              .getMethod("newThreadPerTaskExecutor", ThreadFactory.class)
              .invoke(null, factory);
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  static ExecutorService pool(String prefix) {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            MAX_THREADS,
            MAX_THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_QUEUED),
            task -> {
              Thread thread = new Thread(task, prefix + number.getAndIncrement());
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }
}
