package io.cacheaside;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;

/** What each of the {@link PermitsOperations} does, one after the other. */
public class PermitsModel {
  private final Set<Integer> used = new HashSet<>();
  private final Set<Integer> over = new HashSet<>();
  private final Set<Integer> running = new HashSet<>();
  private final Queue<Integer> waiting = new ArrayDeque<>();

  public String ask(int thread, int which) {
    int turn = PermitsOperations.turnOf(thread, which);
    if (!used.add(turn)) {
      return "used";
    }
    if (over.contains(turn)) {
      return "NOW";
    }
    if (running.size() < PermitsOperations.PLACES) {
      running.add(turn);
      return "NOW";
    }
    if (waiting.size() == PermitsOperations.WAITING) {
      return "NEVER";
    }
    waiting.add(turn);
    return "LATER";
  }

  public void end(int turn) {
    over.add(turn);
    waiting.remove(turn);
    if (running.remove(turn) && !waiting.isEmpty()) {
      running.add(waiting.remove());
    }
  }

  public boolean isExhausted() {
    return running.size() == PermitsOperations.PLACES
        && waiting.size() == PermitsOperations.WAITING;
  }
}
