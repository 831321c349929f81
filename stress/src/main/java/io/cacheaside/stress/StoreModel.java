package io.cacheaside.stress;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What each of the {@link StoreOperations} does, one after the other. */
public class StoreModel {
  private final Map<Integer, State> states = new HashMap<>();

  private record State(int stamp, int rest, int seconds) {

    State next(int stamp, int rest, int seconds) {
      return new State(stamp, rest, seconds == 0 ? this.seconds : seconds);
    }

    @Override
    public String toString() {
      return stamp + "." + rest;
    }
  }

  public @Nullable String read(int key) {
    return text(states.get(key));
  }

  public @Nullable String readTimed(int key) {
    State state = states.get(key);
    return state == null ? null : state + " for " + Duration.ofSeconds(state.seconds);
  }

  public @Nullable String putIfAbsent(int key, int stamp, int rest, int given) {
    return text(states.putIfAbsent(key, new State(stamp, rest, given)));
  }

  public void put(int key, int stamp, int rest, int given) {
    states.put(key, new State(stamp, rest, given));
  }

  public boolean swap(int key, int stamp, int next, int rest, int seconds) {
    State old = stamped(key, stamp);
    if (old != null) {
      states.put(key, old.next(next, rest, seconds));
    }
    return old != null;
  }

  public boolean swapHead(int key, int stamp, int next, int seconds) {
    State old = stamped(key, stamp);
    return old != null && swap(key, stamp, next, old.rest, seconds);
  }

  public boolean removeStamped(int key, int stamp) {
    return stamped(key, stamp) != null && remove(key);
  }

  public boolean remove(int key) {
    return states.remove(key) != null;
  }

  private @Nullable State stamped(int key, int stamp) {
    State state = states.get(key);
    return state == null || state.stamp != stamp ? null : state;
  }

  private static @Nullable String text(@Nullable State state) {
    return state == null ? null : state.toString();
  }
}
