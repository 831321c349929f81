package io.cacheaside;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What each of the {@link LoadsOperations} does, one after the other. */
public class LoadsModel {
  private static final int NONE = -1;

  private final Map<Integer, Integer> refreshing = new HashMap<>();
  private int running = NONE;
  private int waiting = NONE;

  public int announceOrFind(int load) {
    return orNone(refreshing.putIfAbsent(load / 2, load));
  }

  public int find(int load) {
    return orNone(refreshing.get(load / 2));
  }

  public void refreshed(int load) {
    refreshing.remove(load / 2, load);
  }

  public String enter(int load, int joins) {
    if (running == NONE) {
      running = load;
    } else if (joins == 0 && waiting == NONE) {
      waiting = load;
    }
    return running + " " + waiting;
  }

  public void ended(int load) {
    if (load == waiting) {
      waiting = NONE;
    } else if (load == running) {
      running = waiting;
      waiting = NONE;
    }
  }

  private static int orNone(@Nullable Integer load) {
    return load == null ? NONE : load;
  }
}
