package io.cacheaside.internal.read;

import io.cacheaside.Provenance;
import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryCodec;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.entry.Printable;
import io.cacheaside.internal.entry.TagIds;
import io.cacheaside.store.TimedState;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one read of a key showed.
 *
 * @param entry what was there
 * @param remaining the time it had left; null if nobody asked, or nothing was there
 * @param tags the ids that the tags of the key had at that moment
 * @param readEpochs when it was read; null if it was not watched
 */
public record Snapshot(
    Entry entry, @Nullable Duration remaining, TagIds tags, @Nullable ReadEpochs readEpochs) {

  public static Snapshot at(Entry entry) {
    return new Snapshot(entry, null, TagIds.NONE, null);
  }

  /** Returns whether the next change of the key will be told. */
  public boolean isWatched() {
    return readEpochs != null && readEpochs.key().feed() != null;
  }

  /** Returns the same with more tags on which the entry depends. */
  Snapshot dependingOn(List<Epoch> more) {
    return readEpochs == null ? this : new Snapshot(entry, remaining, tags, readEpochs.and(more));
  }

  /** Returns what a read of one key, without its tags, showed. */
  public static Snapshot of(
      EntryCodec<?, ?> entryCodec, EntryKey<?> key, @Nullable TimedState state) {
    return state == null
        ? at(entryCodec.parse(key, null))
        : new Snapshot(entryCodec.parse(key, state.bytes()), state.remaining(), TagIds.NONE, null);
  }

  /** Returns how long ago the entry was written; zero if that is not known. */
  public Duration age() {
    return remaining == null ? Duration.ZERO : entry.age(remaining);
  }

  /** Returns whether a value is older than it should be. */
  public boolean isStale() {
    return entry.outlivesFreshness() && !entry.isFreshAt(age());
  }

  /**
   * Says where the answer comes from that was found, and what is known of its age.
   *
   * @param near whether there is a near value, too
   */
  public Provenance provenance(boolean near) {
    Duration kept = remaining == null ? entry.ttl() : remaining;
    boolean stale = isStale();
    Duration fresh = stale ? Duration.ZERO : kept.minus(entry.ttl().minus(entry.fresh()));
    Provenance.StaleReason reason =
        entry.isMarkedStale() ? Provenance.StaleReason.MARKED : Provenance.StaleReason.EXPIRED;
    return new Known(
        near ? Provenance.Level.NEAR : Provenance.Level.STORE,
        age(),
        fresh.isNegative() ? Duration.ZERO : fresh,
        kept,
        stale ? reason : null,
        entry.is(Entry.Kind.VALUE) ? entry.loadTime() : null);
  }

  private record Known(
      Level level,
      Duration age,
      Duration remaining,
      Duration kept,
      @Nullable StaleReason staleReason,
      @Nullable Duration loadTime)
      implements Provenance {

    @Override
    public String toString() {
      return level
          + ", age "
          + Printable.rounded(age)
          + (staleReason == null
              ? ", fresh for " + Printable.rounded(remaining)
              : ", stale: " + staleReason)
          + (loadTime == null ? "" : ", loaded in " + Printable.rounded(loadTime));
    }
  }
}
