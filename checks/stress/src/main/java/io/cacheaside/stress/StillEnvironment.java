package io.cacheaside.stress;

import io.cacheaside.Environment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** An environment in which no time passes, all runs where it is asked for, and ids are counted. */
final class StillEnvironment implements Environment {
  private final AtomicLong ids = new AtomicLong();
  private final AtomicInteger pending = new AtomicInteger();

  @Override
  public long nanoTime() {
    return 0;
  }

  @Override
  public Executor executor() {
    return Runnable::run;
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    Pending timer = new Pending();
    pending.incrementAndGet();
    return timer;
  }

  /** Returns how many timers were set and not cancelled. */
  int pendingTimers() {
    return pending.get();
  }

  private final class Pending implements Timer {
    private final AtomicInteger cancels = new AtomicInteger();

    @Override
    public void cancel() {
      if (cancels.getAndIncrement() == 0) {
        pending.decrementAndGet();
      }
    }
  }

  @Override
  public double random() {
    return 0;
  }

  @Override
  public void uniqueBytes(byte[] target) {
    ByteBuffer.wrap(target).putLong(ids.incrementAndGet());
  }
}
