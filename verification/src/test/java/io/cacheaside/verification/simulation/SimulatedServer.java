package io.cacheaside.verification.simulation;

import io.cacheaside.store.TimedState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a Redis primary does with the commands of a store, one at a time, on a clock that may jump.
 */
final class SimulatedServer {
  static final String HOST = "server";
  private final Scheduler scheduler;
  private final Map<String, Item> items = new TreeMap<>();
  private long clockOffsetNanos;
  private boolean outOfMemory;

  private record Item(byte[] state, long expiresNanos) {}

  SimulatedServer(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  private long clockNanos() {
    return scheduler.nowNanos() + clockOffsetNanos;
  }

  // ---- Commands ---------------------------------------------------------------------------------

  byte @Nullable [] read(String key) {
    Item item = live(key);
    return item == null ? null : item.state();
  }

  @Nullable TimedState readTimed(String key, int maxBytes) {
    Item item = live(key);
    if (item == null) {
      return null;
    }
    byte[] bytes = Arrays.copyOf(item.state(), Math.min(maxBytes, item.state().length));
    return new TimedState(bytes, Duration.ofNanos(item.expiresNanos() - clockNanos()));
  }

  byte @Nullable [] putIfAbsent(String key, byte[] state, Duration ttl) {
    Item item = live(key);
    if (item != null) {
      return item.state();
    }
    put(key, state, ttl);
    return null;
  }

  void put(String key, byte[] state, Duration ttl) {
    refuseWhenFull();
    items.put(key, new Item(state, clockNanos() + ttl.toNanos()));
  }

  boolean swap(String key, byte[] stamp, byte[] state, @Nullable Duration ttl) {
    Item item = live(key);
    if (item == null || !startsWith(item.state(), stamp)) {
      return false;
    }
    refuseWhenFull();
    long expires = ttl == null ? item.expiresNanos() : clockNanos() + ttl.toNanos();
    items.put(key, new Item(state, expires));
    return true;
  }

  boolean swapHead(String key, byte[] stamp, byte[] head, @Nullable Duration ttl) {
    Item item = live(key);
    if (item == null || !startsWith(item.state(), stamp)) {
      return false;
    }
    byte[] state = Arrays.copyOf(item.state(), Math.max(item.state().length, head.length));
    System.arraycopy(head, 0, state, 0, head.length);
    return swap(key, stamp, state, ttl);
  }

  boolean remove(String key, byte @Nullable [] stamp) {
    Item item = live(key);
    if (item == null || (stamp != null && !startsWith(item.state(), stamp))) {
      return false;
    }
    items.remove(key);
    return true;
  }

  long removeAll() {
    long removed = items.size();
    items.clear();
    return removed;
  }

  private static boolean startsWith(byte[] state, byte[] stamp) {
    return state.length >= stamp.length
        && Arrays.equals(state, 0, stamp.length, stamp, 0, stamp.length);
  }

  long removeMatching(String prefix) {
    int before = items.size();
    items.keySet().removeIf(key -> key.startsWith(prefix));
    return before - items.size();
  }

  private @Nullable Item live(String key) {
    Item item = items.get(key);
    if (item != null && item.expiresNanos() <= clockNanos()) {
      items.remove(key);
      return null;
    }
    return item;
  }

  private void refuseWhenFull() {
    if (outOfMemory) {
      throw new IllegalStateException("OOM");
    }
  }

  // ---- What may happen to it --------------------------------------------------------------------

  void evictOne() {
    if (!items.isEmpty()) {
      List<String> keys = new ArrayList<>(items.keySet());
      items.remove(keys.get(scheduler.random().nextInt(keys.size())));
    }
  }

  void jumpClock() {
    clockOffsetNanos +=
        (long) ((scheduler.random().nextDouble() - 0.5) * Duration.ofSeconds(20).toNanos());
  }

  void setOutOfMemory(boolean full) {
    outOfMemory = full;
  }
}
