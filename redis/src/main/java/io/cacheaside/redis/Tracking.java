package io.cacheaside.redis;

import io.cacheaside.store.ChangeListener.Cause;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has all servers of a store tell of changes, once somebody wants to be told. */
final class Tracking {
  private static final int PROOFS_WITHIN_LAG = 4;

  private static final Logger LOG = LoggerFactory.getLogger("io.cacheaside.redis.RedisStore");
  private static final String RULES = "+client|tracking +client|caching +role";

  private final RedisSettings settings;
  private final Origin origin;
  private final ChangeListeners listeners;
  private final LettuceThreads threads;
  private final Map<StatefulRedisConnection<String, byte[]>, Tracker> trackers =
      new ConcurrentHashMap<>();
  private final AtomicBoolean warned = new AtomicBoolean();
  private int round; // guarded by this, as are the next two
  private @Nullable Duration pause; // between two signs of life; null while none are asked for
  private long askedNanos;

  Tracking(
      RedisSettings settings, Origin origin, ChangeListeners listeners, LettuceThreads threads) {
    this.settings = settings;
    this.origin = origin;
    this.listeners = listeners;
    this.threads = threads;
  }

  /** Returns what tracks over a connection, from now on if nothing did; null if nobody listens. */
  @Nullable Tracker over(StatefulRedisConnection<String, byte[]> connection) {
    if (!listeners.areThere()) {
      return null;
    }
    Tracker tracker = trackers.get(connection);
    if (tracker != null) {
      return tracker;
    }
    trackers.keySet().removeIf(Tracking::isClosed);
    return trackers.computeIfAbsent(connection, this::started);
  }

  private Tracker started(StatefulRedisConnection<String, byte[]> connection) {
    Tracker tracker = new Tracker(origin, listeners, threads, connection, this::refused);
    tracker.start();
    return tracker;
  }

  /** Says once what is lost where a server does not tell of changes, and what to grant. */
  private void refused(Throwable failure) {
    if (warned.compareAndSet(false, true)) {
      String error = String.valueOf(failure.getMessage());
      LOG.warn(
          "{} refuses client tracking: {}; near caches stay empty, and waiters look again every"
              + " 100 ms at the latest{}",
          settings.address(),
          error,
          error.contains("NOPERM") ? ": " + settings.grant(RULES) : "");
    }
  }

  /**
   * Begins to ask the servers for signs of life, if anybody wants to be sure of changes, and at
   * once if somebody wants to be so sooner than those before.
   */
  void start() {
    int begun;
    Duration wanted;
    synchronized (this) {
      wanted = wantedPause();
      if (wanted == null || (pause != null && pause.compareTo(wanted) <= 0)) {
        return;
      }
      pause = wanted;
      askedNanos = System.nanoTime();
      begun = ++round;
    }
    askForSigns(begun, wanted);
  }

  private @Nullable Duration wantedPause() {
    Duration lag = listeners.shortestLag();
    return lag == null || origin.isClosed() ? null : lag.dividedBy(PROOFS_WITHIN_LAG);
  }

  /**
   * Forgets all feeds: keys may have moved to other servers, and some of these may be none by now
   * that has keys. Who wants to be told at the same moment begins anew with the next read.
   */
  void forget(Cause cause) {
    trackers.forEach(
        (connection, tracker) -> {
          trackers.remove(connection, tracker);
          tracker.stop(cause);
        });
  }

  private static boolean isClosed(StatefulRedisConnection<?, ?> connection) {
    return connection instanceof RedisChannelHandler<?, ?> handler && handler.isClosed();
  }

  private void askForSigns(int begun, Duration untilNext) {
    trackers.keySet().removeIf(Tracking::isClosed);
    trackers.values().forEach(Tracker::prove);
    threads.schedule(() -> goOn(begun), untilNext);
  }

  private void goOn(int begun) {
    Duration wanted;
    long nowNanos = System.nanoTime();
    long sinceNanos;
    synchronized (this) {
      if (begun != round) {
        return;
      }
      wanted = wantedPause();
      pause = wanted;
      sinceNanos = nowNanos - askedNanos;
      askedNanos = nowNanos;
    }
    if (wanted != null) {
      measure(nowNanos, sinceNanos, wanted.toNanos() * PROOFS_WITHIN_LAG);
      askForSigns(begun, wanted);
    }
  }

  /** Tells listeners of time in which a server's changes could not be told. */
  private void measure(long nowNanos, long sinceNanos, long maxLagNanos) {
    boolean told =
        !trackers.isEmpty()
            && trackers.values().stream()
                .allMatch(tracker -> tracker.isComplete(nowNanos, maxLagNanos));
    if (!told) {
      listeners.untold(Duration.ofNanos(sinceNanos));
    }
  }
}
