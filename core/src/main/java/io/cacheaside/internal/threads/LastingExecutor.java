package io.cacheaside.internal.threads;

import java.util.concurrent.Executor;

/**
 * An executor that takes every task: what the given one refuses, full or shut down, another runs.
 */
public final class LastingExecutor implements Executor {
  private final Executor given;
  private final Executor otherwise;

  public LastingExecutor(Executor given, Executor otherwise) {
    this.given = given;
    this.otherwise = otherwise;
  }

  /** Tells a task that was refused from one that an executor ran at once, and that threw. */
  private static final class Task implements Runnable {
    private final Runnable action;
    private volatile boolean begun;

    Task(Runnable action) {
      this.action = action;
    }

    @Override
    public void run() {
      begun = true;
      action.run();
    }
  }

  @Override
  public void execute(Runnable action) {
    Task task = new Task(action);
    try {
      given.execute(task);
    } catch (Throwable refused) {
      if (task.begun) {
        throw refused;
      }
      otherwise.execute(action);
    }
  }
}
