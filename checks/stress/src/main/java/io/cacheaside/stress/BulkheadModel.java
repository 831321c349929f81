package io.cacheaside.stress;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;

/** What each of the {@link BulkheadOperations} does, one after the other. */
public class BulkheadModel {
  private final Set<Integer> used = new HashSet<>();
  private final Set<Integer> over = new HashSet<>();
  private final Set<Integer> running = new HashSet<>();
  private final Queue<Integer> waiting = new ArrayDeque<>();

  public String ask(int thread, int which) {
    int turn = BulkheadOperations.turnOf(thread, which);
    if (!used.add(turn)) {
      return "used";
    }
    if (over.contains(turn)) {
      return "NOW";
    }
    if (running.size() < BulkheadOperations.PLACES) {
      running.add(turn);
      return "NOW";
    }
    if (waiting.size() == BulkheadOperations.WAITING) {
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
    return running.size() == BulkheadOperations.PLACES
        && waiting.size() == BulkheadOperations.WAITING;
  }
}
