package io.cacheaside.redis;

import io.cacheaside.store.ChangeListener.Cause;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Has all servers of a store tell of changes, once somebody wants to be told. */
final class Tracking {
  private static final int PROOFS_WITHIN_LAG = 4;
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(250);

  private final Link link;
  private final LettuceThreads threads;
  private final Map<StatefulRedisConnection<String, byte[]>, Tracker> trackers =
      new ConcurrentHashMap<>();
  private final AtomicBoolean ticking = new AtomicBoolean();
  private volatile long tickedNanos; // written by who ticks

  Tracking(Link link, LettuceThreads threads) {
    this.link = link;
    this.threads = threads;
  }

  /** Returns what tracks over a connection, from now on if nothing did; null if nobody listens. */
  @Nullable Tracker over(StatefulRedisConnection<String, byte[]> connection) {
    if (!link.listeners().areThere()) {
      return null;
    }
    Tracker tracker = trackers.get(connection);
    if (tracker != null) {
      return tracker;
    }
    trackers.keySet().removeIf(Tracking::isClosed);
    return trackers.computeIfAbsent(connection, opened -> Tracker.start(link, opened));
  }

  /** Begins to ask the servers for signs of life, if anybody wants to be sure of changes. */
  void start() {
    if (link.listeners().shortestLag() != null && ticking.compareAndSet(false, true)) {
      tickedNanos = System.nanoTime();
      tick();
    }
  }

  /** Ends what is known from all feeds, because keys may have moved to other servers. */
  void restart() {
    trackers.values().forEach(tracker -> tracker.restart(Cause.MOVED));
  }

  /** Forgets all feeds. Who wants to be told at the same moment begins anew with the next read. */
  void stop() {
    trackers.forEach(
        (connection, tracker) -> {
          trackers.remove(connection, tracker);
          tracker.stop();
        });
  }

  private static boolean isClosed(StatefulRedisConnection<?, ?> connection) {
    return connection instanceof RedisChannelHandler<?, ?> handler && handler.isClosed();
  }

  private void tick() {
    Duration lag = link.listeners().shortestLag();
    if (link.isClosed() || lag == null) {
      ticking.set(false);
      if (!link.isClosed()) {
        start();
      }
      return;
    }
    trackers.keySet().removeIf(Tracking::isClosed);
    measure(lag);
    trackers.values().forEach(Tracker::prove);
    Duration interval = lag.dividedBy(PROOFS_WITHIN_LAG);
    threads.schedule(this::tick, interval.compareTo(LONGEST_PAUSE) < 0 ? interval : LONGEST_PAUSE);
  }

  /** Tells listeners of time in which a server's changes could not be told. */
  private void measure(Duration lag) {
    long nowNanos = System.nanoTime();
    long sinceNanos = nowNanos - tickedNanos;
    tickedNanos = nowNanos;
    boolean told =
        !trackers.isEmpty()
            && trackers.values().stream()
                .allMatch(tracker -> tracker.isComplete(nowNanos, lag.toNanos()));
    if (!told) {
      link.listeners().untold(Duration.ofNanos(sinceNanos));
    }
  }
}
