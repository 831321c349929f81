package io.cacheaside.internal.flow;

import io.cacheaside.Environment;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A circuit breaker between the engine and its store: after a number of timeouts in a row, reads no
 * longer wait for yet another one. The engine itself then asks the store for a sign of life, and
 * everything goes on once that does not time out; no caller is the one to try.
 *
 * <p>Invalidations pass it always: others may reach the store all the same.
 */
final class CircuitBreaker {
  private static final Duration USUAL_LONGEST = Duration.ofSeconds(10);

  private final Environment environment;
  private final int timeouts;
  private final Duration pause;
  private final Duration longestPause;
  private final Supplier<CompletionStage<?>> ping;
  private final Runnable recovered;
  private final AtomicInteger timedOutInARow = new AtomicInteger();
  private final AtomicBoolean open = new AtomicBoolean();
  private volatile Environment.@Nullable Timer timer;
  private volatile boolean closed;

  /**
   * Creates a closed breaker.
   *
   * @param timeouts how many in a row open it
   * @param pause for how long it is open at first
   * @param ping asks the store for a sign of life
   * @param recovered runs when the store answers again after it did not
   */
  CircuitBreaker(
      Environment environment,
      int timeouts,
      Duration pause,
      Supplier<CompletionStage<?>> ping,
      Runnable recovered) {
    this.environment = environment;
    this.timeouts = timeouts;
    this.pause = pause;
    this.longestPause = pause.compareTo(USUAL_LONGEST) > 0 ? pause : USUAL_LONGEST;
    this.ping = ping;
    this.recovered = recovered;
  }

  boolean isOpen() {
    return open.get();
  }

  static StoreException refusal() {
    return new StoreException(
        StoreException.Reason.CIRCUIT_OPEN, "not asked: the store has timed out repeatedly", null);
  }

  void succeeded() {
    if (timedOutInARow.get() != 0) {
      timedOutInARow.set(0);
    }
  }

  void failed(Throwable failure) {
    if (isTimeout(failure)
        && timedOutInARow.incrementAndGet() >= timeouts
        && open.compareAndSet(false, true)) {
      tryLater(pause);
    }
  }

  static boolean isTimeout(Throwable failure) {
    return Stages.unwrap(failure) instanceof StoreException known
        && known.reason() == StoreException.Reason.TIMED_OUT;
  }

  /** Lets the store be asked again; what fails at once costs nobody time. */
  private void closeAgain() {
    timedOutInARow.set(0);
    open.set(false);
  }

  /** Ends the tries for good. */
  void close() {
    closed = true;
    cancelTimer();
  }

  private void cancelTimer() {
    Environment.Timer set = timer;
    if (set != null) {
      set.cancel();
    }
  }

  /** Tries again after a delay. A breaker without a timer would stay open, so it closes then. */
  private void tryLater(Duration delay) {
    try {
      tryAgainAfter(delay);
    } catch (Throwable thrown) {
      closeAgain();
      throw thrown;
    }
  }

  private void tryAgainAfter(Duration delay) {
    long nanos = (long) (delay.toNanos() * (0.5 + environment.random() / 2));
    timer = environment.schedule(Duration.ofNanos(nanos), () -> tryOnce(delay));
    if (closed) {
      cancelTimer();
    }
  }

  private void tryOnce(Duration lastDelay) {
    if (closed) {
      return;
    }
    ping.get()
        .whenComplete(
            (pong, failure) -> {
              if (failure == null) {
                closeAgain();
                recovered.run();
              } else if (!isTimeout(failure)) {
                closeAgain();
              } else {
                Duration doubled = lastDelay.multipliedBy(2);
                tryLater(doubled.compareTo(longestPause) < 0 ? doubled : longestPause);
              }
            });
  }
}
