package io.cacheaside.internal.near;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cacheaside.Environment;
import io.cacheaside.NearCache;
import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.read.Epochs;
import io.cacheaside.internal.read.ReadEpochs;
import io.cacheaside.internal.read.Snapshot;
import io.cacheaside.store.ChangeFeed;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The near tier: decoded values in this process. Whether one may be used is decided when it is
 * read: by its epochs, its deadline, and the completeness of the feed of changes. So there is no
 * race between keeping and dropping, and what is dropped is what Caffeine evicts or a read finds
 * outdated.
 */
public final class NearTier<K, V> {
  private static final Duration LONGEST = Duration.ofDays(1_000);
  private static final int ENTRY_BYTES = 128;
  private static final int BYTES_PER_CHARACTER = 2;

  private final Environment environment;
  private final Epochs epochs;
  private final long maxLagNanos;
  private final boolean keepsAbsences;
  private final long heaviest;
  private final Cache<K, NearEntry<V>> entries;

  public NearTier(NearCache settings, Epochs epochs, Environment environment, Runnable evicted) {
    this.environment = environment;
    this.epochs = epochs;
    this.maxLagNanos = settings.maxStaleness().toNanos();
    this.keepsAbsences = settings.keepsAbsences();
    this.heaviest = settings.isWeighed() ? settings.maximum() : Long.MAX_VALUE;
    Caffeine<Object, Object> bounded =
        Caffeine.newBuilder()
            .executor(environment.executor())
            .removalListener(
                (key, entry, cause) -> {
                  if (cause.wasEvicted()) {
                    evicted.run();
                  }
                });
    this.entries =
        settings.isWeighed()
            ? bounded
                .maximumWeight(settings.maximum())
                .<K, NearEntry<V>>weigher((key, entry) -> entry.weight())
                .build()
            : bounded.maximumSize(settings.maximum()).build();
  }

  /** Returns an entry that may be used now; null if there is none. */
  public @Nullable NearEntry<V> find(K key) {
    NearEntry<V> entry = entries.getIfPresent(key);
    if (entry == null) {
      return null;
    }
    if (entry.isCurrent(epochs, environment.nanoTime(), maxLagNanos)) {
      return entry;
    }
    entries.asMap().remove(key, entry);
    return null;
  }

  /**
   * Keeps what a read of the store has found, if it is known how long that stays current.
   *
   * @param value null if the source has nothing
   * @param usable how long after the read was sent the value may be used
   */
  public void keep(EntryKey<K> key, @Nullable V value, Snapshot snapshot, Duration usable) {
    ReadEpochs readEpochs = snapshot.readEpochs();
    ChangeFeed feed =
        readEpochs == null || !readEpochs.areWatched() ? null : readEpochs.key().feed();
    if (readEpochs == null || feed == null || (value == null && !keepsAbsences)) {
      return;
    }
    Duration bounded = usable.compareTo(LONGEST) < 0 ? usable : LONGEST;
    long deadlineNanos = readEpochs.key().sentNanos() + bounded.toNanos();
    int weight = weigh(key, snapshot.entry());
    NearEntry<V> entry = new NearEntry<>(value, weight, readEpochs, feed, deadlineNanos);
    if (weight <= heaviest && entry.isCurrent(epochs, environment.nanoTime(), maxLagNanos)) {
      entries.put(key.key(), entry);
      makeRoom();
    }
  }

  /** Sees to a bound on bytes at once: a few values that wait to be evicted may be many of them. */
  private void makeRoom() {
    if (heaviest < Long.MAX_VALUE) {
      entries.cleanUp();
    }
  }

  private static int weigh(EntryKey<?> key, Entry entry) {
    long bytes =
        ENTRY_BYTES + (long) BYTES_PER_CHARACTER * key.text().length() + entry.payloadBytes();
    return (int) Math.min(bytes, Integer.MAX_VALUE);
  }

  long size() {
    return entries.estimatedSize();
  }
}
