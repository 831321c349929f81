package io.cacheaside.stress;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What each of the {@link StoreOperations} does, one after the other. */
public class StoreModel {
  private @Nullable State state;

  private record State(int stamp, int rest, int seconds) {

    State next(int stamp, int rest, int seconds) {
      return new State(stamp, rest, seconds == 0 ? this.seconds : seconds);
    }

    @Override
    public String toString() {
      return stamp + "." + rest;
    }
  }

  public @Nullable String read() {
    return state == null ? null : state.toString();
  }

  public @Nullable String readTimed() {
    return state == null ? null : state + " for " + Duration.ofSeconds(state.seconds);
  }

  public @Nullable String putIfAbsent(int stamp, int rest, int given) {
    String there = read();
    if (there == null) {
      put(stamp, rest, given);
    }
    return there;
  }

  public void put(int stamp, int rest, int given) {
    state = new State(stamp, rest, given);
  }

  public boolean swap(int stamp, int next, int rest, int seconds) {
    State old = state;
    if (old == null || old.stamp != stamp) {
      return false;
    }
    state = old.next(next, rest, seconds);
    return true;
  }

  public boolean swapHead(int stamp, int next, int seconds) {
    return state != null && swap(stamp, next, state.rest, seconds);
  }

  public boolean removeStamped(int stamp) {
    return state != null && state.stamp == stamp && remove();
  }

  public boolean remove() {
    boolean there = state != null;
    state = null;
    return there;
  }
}
