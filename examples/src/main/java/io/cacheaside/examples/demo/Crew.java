package io.cacheaside.examples.demo;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The threads of a scenario. They end with it, interrupted if need be. */
final class Crew implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 10;

  private final ExecutorService threads;

  Crew(int size) {
    threads = Executors.newFixedThreadPool(size, Crew::newThread);
  }

  private static Thread newThread(Runnable task) {
    Thread thread = new Thread(task, "demo");
    thread.setDaemon(true);
    return thread;
  }

  <T> Future<T> start(Callable<T> task) {
    return threads.submit(task);
  }

  /** Waits for what is under way to end, at most ten seconds, and interrupts it then. */
  @Override
  public void close() {
    threads.shutdown();
    try {
      threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      threads.shutdownNow();
    }
  }
}
