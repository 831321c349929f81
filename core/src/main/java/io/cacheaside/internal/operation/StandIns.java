package io.cacheaside.internal.operation;

import io.cacheaside.Environment;
import io.cacheaside.WaitInterruptedException;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.flow.Stages;
import io.cacheaside.internal.near.NearValues;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What callers get instead of a load that failed or takes long: a stale value, or what the fallback
 * returns.
 */
public final class StandIns<K, V> {
  private final StaleReads<K, V> staleReads;
  private final Environment environment;
  private final @Nullable Duration softTimeout;
  private final @Nullable Function<? super K, ? extends @Nullable V> fallback;
  private final NearValues<K, V> nearValues;
  private final Events<K> events;

  /**
   * Creates the stand-ins of a cache.
   *
   * @param softTimeout after which a caller goes on with a stale value; null if it waits
   * @param fallback what callers get instead of a failure; null if they get the failure
   */
  public StandIns(
      StaleReads<K, V> staleReads,
      Environment environment,
      @Nullable Duration softTimeout,
      @Nullable Function<? super K, ? extends @Nullable V> fallback,
      NearValues<K, V> nearValues,
      Events<K> events) {
    this.staleReads = staleReads;
    this.environment = environment;
    this.softTimeout = softTimeout;
    this.fallback = fallback;
    this.nearValues = nearValues;
    this.events = events;
  }

  /** Returns what a reader may get instead. */
  StandIn of(Reader<K, V> reader) {
    return new StandIn(reader);
  }

  /** What one reader may get instead. Only steps of the reader use it. */
  final class StandIn {
    private final Reader<K, V> reader;
    private boolean hasStale;
    private boolean isLimited;

    private StandIn(Reader<K, V> reader) {
      this.reader = reader;
    }

    /** Notes that the reader has seen a stale value which it may get. */
    void hasStale() {
      hasStale = true;
    }

    /** Ends the reader with what it gets instead of a failure, or else with the failure. */
    void insteadOf(Throwable failure) {
      if (reader.result.isDone()) {
        return;
      }
      if (hasStale && isReplaceable(failure)) {
        readStale(() -> fail(failure));
      } else {
        fail(failure);
      }
    }

    private static boolean isReplaceable(Throwable failure) {
      return !(failure instanceof Error
          || failure instanceof WaitInterruptedException
          || failure instanceof InterruptedException
          || failure instanceof CancellationException);
    }

    private void fail(Throwable failure) {
      if (fallback != null && isReplaceable(failure) && reader.mayGoOn()) {
        V value = nearValues.copied(fallback.apply(reader.key.key()));
        events.servedFallback(reader.key);
        reader.succeed(value);
      } else {
        reader.fail(failure);
      }
    }

    /** Reads again before it hands out a stale value: it may have been invalidated meanwhile. */
    private void readStale(Runnable otherwise) {
      reader.then(
          staleReads.of(reader.caller, reader.key, reader.options).begin(),
          (value, failure) -> {
            if (value == null) {
              otherwise.run();
            } else {
              reader.succeed(value);
            }
          });
    }

    /** Returns whether the caller goes on with something stale after the soft timeout. */
    boolean isImpatient() {
      return hasStale && softTimeout != null;
    }

    /** Lets an impatient caller go after the soft timeout. */
    void limitWait() {
      if (hasStale && softTimeout != null && !isLimited) {
        isLimited = true;
        Environment.Timer timer =
            environment.schedule(
                softTimeout,
                () -> reader.caller.execute(() -> reader.guarded(() -> readStale(() -> {}))));
        Stages.whenDone(reader.result, (value, failure) -> timer.cancel());
      }
    }
  }
}
