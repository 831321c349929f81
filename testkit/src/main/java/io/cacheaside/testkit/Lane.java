package io.cacheaside.testkit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What a {@link TcpProxy} does at present to all bytes that travel in one direction. */
final class Lane {

  private enum Mode {
    PASS,
    HOLD,
    SWALLOW
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final AtomicLong bytes = new AtomicLong();
  private Mode mode = Mode.PASS;
  private long delayNanos;

  void pass() {
    become(Mode.PASS, Duration.ZERO);
  }

  void delay(Duration delay) {
    become(Mode.PASS, delay);
  }

  void hold() {
    become(Mode.HOLD, Duration.ZERO);
  }

  void swallow() {
    become(Mode.SWALLOW, Duration.ZERO);
  }

  private void become(Mode newMode, Duration newDelay) {
    lock.lock();
    try {
      mode = newMode;
      delayNanos = newDelay.toNanos();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until what arrived at {@code arrivalNanos} may go on.
   *
   * @return whether it shall be passed on, and not be swallowed
   */
  boolean awaitTurn(long arrivalNanos) throws InterruptedException {
    lock.lock();
    try {
      while (mode != Mode.SWALLOW) {
        long wait = arrivalNanos + delayNanos - System.nanoTime();
        if (mode == Mode.HOLD) {
          changed.await();
        } else if (wait > 0) {
          changed.awaitNanos(wait);
        } else {
          return true;
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** To be called before the bytes go on, so that who has seen them finds them counted. */
  void count(int passedOn) {
    bytes.addAndGet(passedOn);
  }

  long bytes() {
    return bytes.get();
  }
}
