package io.cacheaside.redis;

import io.cacheaside.store.ChangeListener;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Those who are told of changes, and within which time they want to be sure of them. */
final class Listeners implements ChangeListener {
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
    listeners.keySet().forEach(listener -> listener.changed(key));
  }

  @Override
  public void allChanged(Cause cause) {
    listeners.keySet().forEach(listener -> listener.allChanged(cause));
  }

  @Override
  public void untold(Duration time) {
    listeners.keySet().forEach(listener -> listener.untold(time));
  }
}
