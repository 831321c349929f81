package io.cacheaside.stress;

/** What each of the {@link LoadsOperations} does, one after the other. */
public class LoadsModel {
  private static final int NONE = -1;

  private int refreshing = NONE;
  private int running = NONE;
  private int waiting = NONE;

  public int announceOrFind(int load) {
    int found = refreshing;
    if (found == NONE) {
      refreshing = load;
    }
    return found;
  }

  public int find() {
    return refreshing;
  }

  public void refreshed(int load) {
    if (refreshing == load) {
      refreshing = NONE;
    }
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
}
