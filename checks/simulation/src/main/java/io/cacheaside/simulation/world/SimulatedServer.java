package io.cacheaside.simulation.world;

import io.cacheaside.store.TimedState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
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
public final class SimulatedServer {
  public static final Duration LONGEST_LAG = Duration.ofSeconds(1);
  private static final int PAGE_KEYS = 1;

  private final Scheduler scheduler;
  private final String host;
  private final boolean echo;
  private final Map<String, Item> items = new TreeMap<>();
  private long clockOffsetNanos;
  private boolean outOfMemory;
  private boolean takesBarriersWhenFull;
  private final Deque<Change> notCopied = new ArrayDeque<>();
  private int primary;
  private final Set<String> removedWhatever = new HashSet<>();
  private int term;
  private boolean isolated;
  private long refusesUntilNanos;
  private long primaryFromNanos;
  private final Map<String, Set<Client>> watchers = new TreeMap<>();
  private final Set<Client> tracked = new LinkedHashSet<>();
  private @Nullable Client current;
  private long commands;
  private long messages;

  /** One connection, as the server sees it. */
  interface Client {
    /** Is told, behind all answers so far, that a key has changed, or with null, all keys. */
    void tell(@Nullable String key);
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Item(byte[] state, long expiresNanos) {}

  /** A change that the replica may not have yet, and what was there before. */
  private record Change(long nanos, String key, @Nullable Item before) {}

  /**
   * Creates a server without data.
   *
   * @param host its name
   * @param echo whether changes are told to who has made them, too
   */
  public SimulatedServer(Scheduler scheduler, String host, boolean echo) {
    this.scheduler = scheduler;
    this.host = host;
    this.echo = echo;
  }

  public String host() {
    return host;
  }

  private long clockNanos() {
    return scheduler.nowNanos() + clockOffsetNanos;
  }

  // ---- Who is told of changes -------------------------------------------------------------------

  /** Executes a command of a client. */
  <T> T execute(Client client, Supplier<T> command) {
    if (scheduler.nowNanos() < refusesUntilNanos) {
      throw new IllegalStateException("LOADING");
    }
    current = client;
    commands++;
    try {
      return command.get();
    } finally {
      current = null;
    }
  }

  /**
   * Begins to tell the client of this command of changes of what it has read watched; refuses while
   * another server is about to take its place.
   */
  void track() {
    if (scheduler.nowNanos() < primaryFromNanos) {
      throw new IllegalStateException("READONLY");
    }
    tracked.add(Objects.requireNonNull(current));
  }

  /** Tells who has watched a key, once, that a command has changed it. */
  private void changed(String key) {
    tell(key, echo ? null : current);
  }

  /** Tells who has watched a key, once, that it has gone by itself. */
  private void gone(String key) {
    tell(key, null);
  }

  private void tell(String key, @Nullable Client except) {
    Set<Client> told = watchers.remove(key);
    if (told != null) {
      for (Client client : told) {
        if (client != except) {
          messages++;
          client.tell(key);
        }
      }
    }
  }

  /** Answers without doing anything, and without being counted. */
  boolean proveAlive() {
    commands--;
    return true;
  }

  /** Returns how many commands were executed. */
  public long commands() {
    return commands;
  }

  /** Returns how many messages told a client that a key has changed. */
  public long messages() {
    return messages;
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
    store(key, state, ttl);
  }

  private void store(String key, byte[] state, Duration ttl) {
    set(key, new Item(state, clockNanos() + ttl.toNanos()));
    changed(key);
  }

  boolean swap(String key, byte[] stamp, byte[] state, @Nullable Duration ttl) {
    Item item = live(key);
    if (item == null || !startsWith(item.state(), stamp)) {
      return false;
    }
    refuseWhenFull();
    long expires = ttl == null ? item.expiresNanos() : clockNanos() + ttl.toNanos();
    set(key, new Item(state, expires));
    changed(key);
    return true;
  }

  /** Refuses what does not fit only where the server knows no exception for such writes. */
  boolean swapEvenIfFull(String key, byte @Nullable [] stamp, byte[] state, Duration ttl) {
    if (!takesBarriersWhenFull) {
      refuseWhenFull();
    }
    Item item = live(key);
    boolean expected =
        stamp == null ? item == null : item != null && startsWith(item.state(), stamp);
    if (expected) {
      store(key, state, ttl);
    }
    return expected;
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
    set(key, null);
    changed(key);
    if (stamp == null) {
      removedWhatever.add(key);
    }
    return true;
  }

  public void flush() {
    List.copyOf(items.keySet()).forEach(key -> set(key, null));
    watchers.clear();
    tracked.forEach(client -> client.tell(null));
  }

  private static boolean startsWith(byte[] state, byte[] stamp) {
    return state.length >= stamp.length
        && Arrays.equals(state, 0, stamp.length, stamp, 0, stamp.length);
  }

  /**
   * A part of all keys.
   *
   * @param cursor where the next one begins; means nothing to another primary
   * @param primary which one it is of
   * @param last whether there is no next one
   */
  record Page(int cursor, int primary, boolean last) {}

  /** Removes those keys with a prefix that are on the page at a cursor. */
  Page removePage(String prefix, int cursor) {
    List<String> page =
        items.keySet().stream()
            .filter(key -> placeOf(key) >= cursor)
            .sorted(Comparator.comparingInt(this::placeOf))
            .limit(PAGE_KEYS)
            .toList();
    page.stream().filter(key -> key.startsWith(prefix)).forEach(key -> remove(key, null));
    boolean last = page.isEmpty();
    return new Page(last ? 0 : placeOf(page.get(page.size() - 1)) + 1, primary, last);
  }

  /** Returns where a key is in the order in which this primary has them. */
  private int placeOf(String key) {
    return ((key.hashCode() + primary) * 0x9E3779B9) >>> 8;
  }

  private void set(String key, @Nullable Item item) {
    Item before = item == null ? items.remove(key) : items.put(key, item);
    notCopied.add(new Change(scheduler.nowNanos(), key, before));
  }

  private @Nullable Item live(String key) {
    Item item = items.get(key);
    if (item != null && item.expiresNanos() <= clockNanos()) {
      set(key, null);
      gone(key);
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

  public void evictOne() {
    if (!items.isEmpty()) {
      List<String> keys = new ArrayList<>(items.keySet());
      String evicted = keys.get(scheduler.random().nextInt(keys.size()));
      set(evicted, null);
      gone(evicted);
    }
  }

  /** Lets a replica take over that has everything, but in another order. */
  public void promote() {
    primary++;
    primaryFromNanos = scheduler.nowNanos() + scheduler.upTo(Duration.ofSeconds(2)).toNanos();
  }

  /** Returns whether a key with a prefix was ever removed without naming what it held. */
  boolean hasRemoved(String prefix) {
    return removedWhatever.stream().anyMatch(key -> key.startsWith(prefix));
  }

  /** Returns how often another server took over that this one did not know everything of. */
  int term() {
    return term;
  }

  /** Lets the replica have everything that was done until now. */
  void copy() {
    if (isolated) {
      throw new IllegalStateException("NOREPLICAS");
    }
    notCopied.clear();
  }

  /** Returns this server as it goes on for those who cannot reach the one that takes over. */
  public SimulatedServer isolated() {
    SimulatedServer old = new SimulatedServer(scheduler, host, echo);
    old.items.putAll(items);
    old.tracked.addAll(tracked);
    watchers.forEach((key, clients) -> old.watchers.put(key, new LinkedHashSet<>(clients)));
    old.clockOffsetNanos = clockOffsetNanos;
    old.outOfMemory = outOfMemory;
    old.takesBarriersWhenFull = takesBarriersWhenFull;
    old.primary = primary;
    old.primaryFromNanos = primaryFromNanos;
    old.term = term;
    old.isolated = true;
    return old;
  }

  /** Lets a replica take over that has nothing of what was done since a moment. */
  public void failOver(long lostSinceNanos) {
    while (!notCopied.isEmpty() && notCopied.getLast().nanos() >= lostSinceNanos) {
      Change lost = notCopied.removeLast();
      if (lost.before() == null) {
        items.remove(lost.key());
      } else {
        items.put(lost.key(), lost.before());
      }
    }
    notCopied.clear();
    watchers.clear();
    tracked.clear();
    term++;
    primary++;
  }

  /** Refuses every command for a while. */
  public void refuse(Duration duration) {
    refusesUntilNanos = scheduler.nowNanos() + duration.toNanos();
  }

  public void jumpClock() {
    clockOffsetNanos +=
        (long) ((scheduler.random().nextDouble() - 0.5) * Duration.ofSeconds(20).toNanos());
  }

  /** Lets it refuse what needs memory, or everything but small states that it has to take. */
  public void setOutOfMemory(boolean full, boolean takesBarriers) {
    outOfMemory = full;
    takesBarriersWhenFull = takesBarriers;
  }
}
