package io.cacheaside.store;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import io.cacheaside.store.ChangeListener.Cause;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link Store} in the memory of this process, bounded in size.
 *
 * <p>For tests, for a single process, and for starting without a server. It is not shared between
 * processes and is gone when the process ends.
 *
 * <p><b>Size.</b> Entries weigh what their states take, two bytes for each character of the key and
 * {@value #ENTRY_OVERHEAD_BYTES} bytes for the objects around them, which is close to the heap they
 * need on a 64-bit JVM. When the sum exceeds {@link Builder#maxBytes maxBytes}, the entries that
 * promise the fewest hits are evicted (Caffeine's W-TinyLFU policy), so a new one may go before an
 * old one that is read often; a state larger than the bound is not kept at all. Evicting anything
 * at any time is safe: a lost value is a miss, and a lost lease makes its load one that is not
 * cached.
 *
 * <p><b>Time.</b> An expired state is never returned; the memory of expired ones is reclaimed by
 * later operations, there is no thread for it.
 *
 * <p><b>Threads.</b> Thread-safe. Every operation is done, and its stage complete, when the method
 * returns; what depends on the stage runs on the calling thread. {@link #removeMatching} looks at
 * every key before it returns.
 *
 * <p><b>Errors.</b> The only {@link StoreException} is {@link StoreException.Reason#CLOSED}, and
 * {@link #close} drops all entries. A time to live below one millisecond or above {@link
 * Store#MAX_TTL} is an {@link IllegalArgumentException}.
 */
public final class InMemoryStore implements Store {
  private static final Logger LOG = LoggerFactory.getLogger(InMemoryStore.class);
  private static final int ENTRY_OVERHEAD_BYTES = 256;
  private static final int BYTES_PER_CHARACTER = 2;
  private static final Duration MIN_TTL = Duration.ofMillis(1);

  private final LongSupplier nanoTime;
  private final List<ChangeListener> listeners = new CopyOnWriteArrayList<>();
  private volatile @Nullable ConcurrentMap<String, Entry> entries;

  private InMemoryStore(Builder builder) {
    nanoTime = builder.nanoTime;
    entries =
        Caffeine.newBuilder()
            .maximumWeight(builder.maxBytes)
            .weigher(InMemoryStore::weigh)
            .expireAfter(new EntryExpiry())
            .ticker(nanoTime::getAsLong)
            .evictionListener((key, entry, cause) -> changed(Objects.requireNonNull(key)))
            .executor(Runnable::run)
            .build()
            .asMap();
  }

  /** Creates a store with the default bound of 64 MiB. */
  public static InMemoryStore create() {
    return builder().build();
  }

  /** Returns a builder with all options at their defaults. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public CompletionStage<byte @Nullable []> read(String key) {
    return answer(map -> stateOf(map.get(key)));
  }

  @Override
  public CompletionStage<@Nullable TimedState> readTimed(String key, int maxBytes) {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes is " + maxBytes + ", must be positive");
    }
    return answer(map -> timedState(map.get(key), maxBytes));
  }

  @Override
  public CompletionStage<byte @Nullable []> putIfAbsent(String key, byte[] state, Duration ttl) {
    Entry entry = new Entry(state, lifeSpan(ttl));
    return answer(
        map -> {
          byte[] there = stateOf(map.putIfAbsent(key, entry));
          if (there == null) {
            changed(key);
          }
          return there;
        });
  }

  @Override
  public CompletionStage<@Nullable Void> put(String key, byte[] state, Duration ttl) {
    Entry entry = new Entry(state, lifeSpan(ttl));
    return answer(
        map -> {
          map.put(key, entry);
          changed(key);
          return null;
        });
  }

  @Override
  public CompletionStage<Boolean> swap(
      String key, byte[] stamp, byte[] state, @Nullable Duration ttl) {
    return change(key, stamp, old -> state, ttl);
  }

  @Override
  public CompletionStage<Boolean> swapHead(
      String key, byte[] stamp, byte[] head, @Nullable Duration ttl) {
    return change(key, stamp, old -> withHead(old, head), ttl);
  }

  @Override
  public CompletionStage<Boolean> remove(String key, byte[] stamp) {
    return answer(
        map -> toldOf(key, tryWhileStamped(map, key, stamp, entry -> map.remove(key, entry))));
  }

  @Override
  public CompletionStage<Boolean> remove(String key) {
    return answer(
        map -> {
          boolean removed = map.remove(key) != null;
          changed(key);
          return removed;
        });
  }

  @Override
  public CompletionStage<Long> removeMatching(String prefix, String glob) {
    Glob pattern = Glob.compile(glob);
    return answer(
        map -> {
          long removed =
              map.keySet().stream()
                  .filter(key -> key.startsWith(prefix))
                  .filter(key -> pattern.matches(key.substring(prefix.length())))
                  .filter(key -> map.remove(key) != null)
                  .count();
          tellEach(listener -> listener.allChanged(Cause.REMOVED_BY_PATTERN));
          return removed;
        });
  }

  /** Nothing of what happens here is missed, so what was watched stays known until it is told. */
  private static boolean isComplete(long nowNanos, long maxLagNanos) {
    return true;
  }

  @Override
  public boolean watch(ChangeListener listener, Duration maxLag) {
    listeners.add(listener);
    return true;
  }

  @Override
  public void unwatch(ChangeListener listener) {
    listeners.remove(listener);
  }

  @Override
  public CompletionStage<@Nullable WatchedState> readWatched(String key) {
    return answer(
        map -> {
          TimedState state = timedState(map.get(key), Integer.MAX_VALUE);
          return state == null
              ? null
              : new WatchedState(state.bytes(), state.remaining(), InMemoryStore::isComplete);
        });
  }

  private boolean toldOf(String key, boolean change) {
    if (change) {
      changed(key);
    }
    return change;
  }

  private void changed(String key) {
    tellEach(listener -> listener.changed(key));
  }

  /** Tells each listener, whatever another one throws. */
  private void tellEach(Consumer<ChangeListener> news) {
    for (ChangeListener listener : listeners) {
      try {
        news.accept(listener);
      } catch (Throwable e) {
        LOG.warn("A listener of changes threw", e);
      }
    }
  }

  @Override
  public CompletionStage<@Nullable Void> ping() {
    return answer(map -> null);
  }

  @Override
  public void close() {
    entries = null;
  }

  private <T extends @Nullable Object> CompletionStage<T> answer(
      Function<ConcurrentMap<String, Entry>, T> operation) {
    ConcurrentMap<String, Entry> map = entries;
    if (map == null) {
      return CompletableFuture.failedFuture(
          new StoreException(StoreException.Reason.CLOSED, "The in-memory store is closed", null));
    }
    return CompletableFuture.completedFuture(operation.apply(map));
  }

  private CompletionStage<Boolean> change(
      String key, byte[] stamp, UnaryOperator<byte[]> newState, @Nullable Duration ttl) {
    LifeSpan given = ttl == null ? null : lifeSpan(ttl);
    UnaryOperator<Entry> successor =
        old -> new Entry(newState.apply(old.state), given == null ? old.lifeSpan : given);
    return answer(
        map ->
            toldOf(
                key,
                tryWhileStamped(
                    map, key, stamp, entry -> map.replace(key, entry, successor.apply(entry)))));
  }

  /** Repeats an attempt that others can beat, until it succeeds or the stamp is gone. */
  private static boolean tryWhileStamped(
      ConcurrentMap<String, Entry> map, String key, byte[] stamp, Predicate<Entry> attempt) {
    Entry entry = map.get(key);
    while (entry != null && entry.beginsWith(stamp)) {
      if (attempt.test(entry)) {
        return true;
      }
      entry = map.get(key);
    }
    return false;
  }

  private static byte @Nullable [] stateOf(@Nullable Entry entry) {
    return entry == null ? null : entry.state;
  }

  private @Nullable TimedState timedState(@Nullable Entry entry, int maxBytes) {
    if (entry == null) {
      return null;
    }
    Duration remaining = entry.lifeSpan.remaining(nanoTime.getAsLong());
    byte[] bytes = Arrays.copyOf(entry.state, Math.min(maxBytes, entry.state.length));
    return remaining.isNegative() || remaining.isZero() ? null : new TimedState(bytes, remaining);
  }

  private static byte[] withHead(byte[] state, byte[] head) {
    byte[] changed = Arrays.copyOf(state, Math.max(state.length, head.length));
    System.arraycopy(head, 0, changed, 0, head.length);
    return changed;
  }

  private LifeSpan lifeSpan(Duration ttl) {
    if (ttl.compareTo(MIN_TTL) < 0 || ttl.compareTo(MAX_TTL) > 0) {
      throw new IllegalArgumentException(
          "ttl is " + ttl.toSeconds() + " s; use 1 ms to Store.MAX_TTL");
    }
    return new LifeSpan(nanoTime.getAsLong(), ttl.toMillis());
  }

  private static int weigh(String key, Entry entry) {
    long bytes =
        ENTRY_OVERHEAD_BYTES + (long) BYTES_PER_CHARACTER * key.length() + entry.state.length;
    return (int) Math.min(bytes, Integer.MAX_VALUE);
  }

  /** A state and its life span; compared by identity, so that one can replace exactly this one. */
  private static final class Entry {
    final byte[] state;
    final LifeSpan lifeSpan;

    Entry(byte[] state, LifeSpan lifeSpan) {
      this.state = state;
      this.lifeSpan = lifeSpan;
    }

    boolean beginsWith(byte[] stamp) {
      return state.length >= stamp.length
          && Arrays.equals(state, 0, stamp.length, stamp, 0, stamp.length);
    }
  }

  private record LifeSpan(long startNanos, long millis) {

    Duration remaining(long now) {
      return Duration.ofMillis(millis).minusNanos(now - startNanos);
    }

    /** Returns what remains, at most the 146 years that fit into the arithmetic. */
    long remainingNanos(long now) {
      long nanos = Math.min(TimeUnit.MILLISECONDS.toNanos(millis), Long.MAX_VALUE / 2);
      return nanos - (now - startNanos);
    }
  }

  /** Lets an entry expire when its life span ends, whatever is done to it in between. */
  private static final class EntryExpiry implements Expiry<String, Entry> {

    @Override
    public long expireAfterCreate(String key, Entry entry, long now) {
      return entry.lifeSpan.remainingNanos(now);
    }

    @Override
    public long expireAfterUpdate(String key, Entry entry, long now, long currentDuration) {
      return entry.lifeSpan.remainingNanos(now);
    }

    @Override
    public long expireAfterRead(String key, Entry entry, long now, long currentDuration) {
      return currentDuration;
    }
  }

  /**
   * The options of an {@link InMemoryStore}; not thread-safe, may be used again after {@link
   * #build}.
   */
  public static final class Builder {
    private static final long DEFAULT_MAX_BYTES = 64L << 20;

    private long maxBytes = DEFAULT_MAX_BYTES;
    private LongSupplier nanoTime = Ticker.systemTicker()::read;

    private Builder() {}

    /**
     * Sets how much memory the entries may take together, as described at {@link InMemoryStore}.
     * The default is 64 MiB.
     *
     * @param maxBytes positive
     */
    public Builder maxBytes(long maxBytes) {
      if (maxBytes < 1) {
        throw new IllegalArgumentException("maxBytes is " + maxBytes + ", must be positive");
      }
      this.maxBytes = maxBytes;
      return this;
    }

    /**
     * Sets the source of time: monotonic nanoseconds from any origin, read often and by many
     * threads. The default is that of {@link System#nanoTime()}; a test gives a time it can move.
     */
    public Builder nanoTime(LongSupplier nanoTime) {
      this.nanoTime = nanoTime;
      return this;
    }

    /** Creates the store. */
    public InMemoryStore build() {
      return new InMemoryStore(this);
    }
  }
}
