package io.cacheaside.redis;

import io.cacheaside.store.ChangeFeed;
import io.cacheaside.store.ChangeListener;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Those who are told of changes, and within which time they want to be sure of them. */
final class ChangeListeners implements ChangeListener {
  private static final Logger LOG = LoggerFactory.getLogger("io.cacheaside.redis.RedisStore");

  private final Map<ChangeListener, Duration> listeners = new ConcurrentHashMap<>();

  void add(ChangeListener listener, Duration maxLag) {
    listeners.put(listener, maxLag);
  }

  void remove(ChangeListener listener) {
    listeners.remove(listener);
  }

  boolean areThere() {
    return !listeners.isEmpty();
  }

  /** Returns the shortest time within which somebody wants to be sure; null if nobody does. */
  @Nullable Duration shortestLag() {
    return listeners.values().stream()
        .filter(lag -> !lag.isZero())
        .min(Duration::compareTo)
        .orElse(null);
  }

  @Override
  public void changed(String key) {
    tellEach(listener -> listener.changed(key));
  }

  @Override
  public void allChanged(Cause cause) {
    tellEach(listener -> listener.allChanged(cause));
  }

  @Override
  public void feedEnded(ChangeFeed feed, Cause cause) {
    tellEach(listener -> listener.feedEnded(feed, cause));
  }

  @Override
  public void untold(Duration time) {
    tellEach(listener -> listener.untold(time));
  }

  @Override
  public void toldWithin(Duration time) {
    tellEach(listener -> listener.toldWithin(time));
  }

  /** Tells each of them, whatever another one throws. */
  private void tellEach(Consumer<ChangeListener> news) {
    for (ChangeListener listener : listeners.keySet()) {
      try {
        news.accept(listener);
      } catch (Throwable e) {
        LOG.warn("A listener of changes threw", e);
      }
    }
  }
}
