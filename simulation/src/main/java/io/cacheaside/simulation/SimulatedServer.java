package io.cacheaside.simulation;

import io.cacheaside.store.TimedState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
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
  private final Map<String, Set<Client>> watchers = new TreeMap<>();
  private final Set<Client> tracked = new LinkedHashSet<>();
  private @Nullable Client current;

  /** One connection, as the server sees it. */
  interface Client {
    /** Is told, behind all answers so far, that a key has changed, or with null, all keys. */
    void tell(@Nullable String key);
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Item(byte[] state, long expiresNanos) {}

  SimulatedServer(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  private long clockNanos() {
    return scheduler.nowNanos() + clockOffsetNanos;
  }

  // ---- Who is told of changes -------------------------------------------------------------------

  /** Executes a command of a client. */
  <T> T execute(Client client, Supplier<T> command) {
    current = client;
    try {
      return command.get();
    } finally {
      current = null;
    }
  }

  /** Begins to tell the client of this command of changes of what it has read watched. */
  void track() {
    tracked.add(Objects.requireNonNull(current));
  }

  /** Tells who has watched a key, once, that it has changed, whoever did it. */
  private void modified(String key) {
    Set<Client> told = watchers.remove(key);
    if (told != null) {
      told.forEach(client -> client.tell(key));
    }
  }

  @Nullable TimedState readWatched(String key) {
    TimedState state = readTimed(key, Integer.MAX_VALUE);
    if (tracked.contains(current)) {
      watchers
          .computeIfAbsent(key, k -> new LinkedHashSet<>())
          .add(Objects.requireNonNull(current));
    }
    return state;
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
    modified(key);
  }

  boolean swap(String key, byte[] stamp, byte[] state, @Nullable Duration ttl) {
    Item item = live(key);
    if (item == null || !startsWith(item.state(), stamp)) {
      return false;
    }
    refuseWhenFull();
    long expires = ttl == null ? item.expiresNanos() : clockNanos() + ttl.toNanos();
    items.put(key, new Item(state, expires));
    modified(key);
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
    modified(key);
    return true;
  }

  void flush() {
    items.clear();
    watchers.clear();
    tracked.forEach(client -> client.tell(null));
  }

  private static boolean startsWith(byte[] state, byte[] stamp) {
    return state.length >= stamp.length
        && Arrays.equals(state, 0, stamp.length, stamp, 0, stamp.length);
  }

  long removeMatching(String prefix) {
    List<String> matching = items.keySet().stream().filter(key -> key.startsWith(prefix)).toList();
    matching.forEach(key -> remove(key, null));
    return matching.size();
  }

  private @Nullable Item live(String key) {
    Item item = items.get(key);
    if (item != null && item.expiresNanos() <= clockNanos()) {
      items.remove(key);
      modified(key);
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
      String evicted = keys.get(scheduler.random().nextInt(keys.size()));
      items.remove(evicted);
      modified(evicted);
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
