package io.cacheaside.internal.load;

import io.cacheaside.internal.entry.EntryId;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.lease.Grant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The loads of this cache in this process that others may join.
 *
 * <p><b>With a grant</b> a load is known by the id of the state that its result will replace: its
 * lease, or the entry that it refreshes. A reader joins it after a read that it sent itself showed
 * that very state in the store: no invalidation came between, or the state would be gone.
 *
 * <p><b>Without a store</b>, and behind a barrier, there is no such state to look at. A reader
 * joins only a load that begins after the reader arrived: the one that waits for its turn, or a
 * running one that began later. Per key one runs and one waits.
 */
public final class Loads<K, V> {
  private final ConcurrentMap<EntryId, Load<K, V>> granted = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Turns<K, V>> unleased = new ConcurrentHashMap<>();
  private final Set<Load<K, V>> unshared = ConcurrentHashMap.newKeySet();
  private final Load.Context<K, V> context;

  public Loads(Load.Context<K, V> context) {
    this.context = context;
  }

  /** Returns a load that nobody can find yet. */
  public Load<K, V> create(EntryKey<K> key, @Nullable Grant grant) {
    return new Load<>(context, key, grant, this::ended);
  }

  /** Makes a load known before its lease is asked for, so that whoever sees the lease finds it. */
  public void announce(Load<K, V> load) {
    granted.put(load.heldGrant().id(), load);
    watchAnnounced(load);
  }

  /** Makes a refresh known, unless this process refreshes that entry already. */
  public @Nullable Load<K, V> announceOrFind(Load<K, V> load) {
    EntryId id = load.heldGrant().id();
    Load<K, V> found = find(id);
    Load<K, V> other = found == null ? granted.putIfAbsent(id, load) : found;
    if (other == null) {
      watchAnnounced(load);
    }
    return other;
  }

  /** Nobody is to find a load that has no timer. */
  private void watchAnnounced(Load<K, V> load) {
    try {
      load.announced();
    } catch (Throwable thrown) {
      load.discard();
      throw thrown;
    }
  }

  /** Returns the load of a state, unless it is over. */
  public @Nullable Load<K, V> find(EntryId id) {
    Load<K, V> load = granted.get(id);
    return load == null || load.isOver() ? null : load;
  }

  /** Lets a load begin that nobody can join, as its result is not to be cached. */
  public void beginUnshared(Load<K, V> load) {
    unshared.add(load);
    try {
      load.begin();
    } catch (Throwable thrown) {
      load.refused(thrown);
      throw thrown;
    }
  }

  /** Forgets a load that nobody can join any more, and lets the next one without a lease begin. */
  private void ended(Load<K, V> load) {
    unshared.remove(load);
    Grant grant = load.grant();
    if (grant != null) {
      granted.remove(grant.id(), load);
    }
    if (load.lease() == null) {
      endTurn(load);
    }
  }

  private void endTurn(Load<K, V> load) {
    long nowNanos = load.nowNanos();
    Turns<K, V> left =
        unleased.computeIfPresent(load.key().text(), (key, turns) -> turns.without(load, nowNanos));
    if (left != null && left.running().needsTimer()) {
      try {
        left.running().scheduleTick();
      } catch (Throwable thrown) {
        left.running().refused(thrown);
      }
    }
  }

  /**
   * Returns the loads without a lease of a key after a reader entered: its own load is the running
   * one, or the waiting one, or else there is one that it may join.
   *
   * @param mine a new load of the reader
   * @param arrivedNanos when the reader arrived
   */
  public Turns<K, V> enter(Load<K, V> mine, long arrivedNanos) {
    long nowNanos = mine.nowNanos();
    Turns<K, V> entered =
        unleased.compute(
            mine.key().text(),
            (key, turns) ->
                turns == null ? Turns.first(mine, nowNanos) : turns.with(mine, arrivedNanos));
    if (entered.running() == mine) {
      try {
        mine.scheduleTick();
      } catch (Throwable thrown) {
        mine.refused(thrown);
        throw thrown;
      }
    }
    return entered;
  }

  public List<Load<K, V>> all() {
    List<Load<K, V>> all = new ArrayList<>(granted.values());
    unleased.values().forEach(turns -> all.add(turns.running()));
    all.addAll(unshared);
    return all;
  }

  /** The loads of one key that have no lease. Changed only within the map's atomic operations. */
  public record Turns<K, V>(Load<K, V> running, @Nullable Load<K, V> waiting) {

    static <K, V> Turns<K, V> first(Load<K, V> load, long nowNanos) {
      load.startClock(nowNanos);
      return new Turns<>(load, null);
    }

    Turns<K, V> with(Load<K, V> load, long arrivedNanos) {
      return joinable(arrivedNanos) == null ? new Turns<>(running, load) : this;
    }

    /** Returns the load that a reader who arrived then may share. */
    public @Nullable Load<K, V> joinable(long arrivedNanos) {
      return running.beganAfter(arrivedNanos) ? running : waiting;
    }

    @Nullable Turns<K, V> without(Load<K, V> load, long nowNanos) {
      if (load == waiting) {
        return new Turns<>(running, null);
      }
      if (load != running) {
        return this;
      }
      return waiting == null ? null : first(waiting, nowNanos);
    }
  }
}
