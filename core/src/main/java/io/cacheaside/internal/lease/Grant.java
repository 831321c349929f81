package io.cacheaside.internal.lease;

import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryId;
import io.cacheaside.internal.entry.TagIds;
import io.cacheaside.internal.read.Snapshot;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What allows a load to store its result: the state that the key held when the load was allowed to
 * begin. The result takes the place of exactly that state, or is not stored.
 */
public sealed interface Grant {
  /** Returns the id of that state, by which others find the load. */
  EntryId id();

  /** Returns the first bytes of that state, which conditional commands compare. */
  byte[] stamp();

  /** Returns the ids of the key's tags, read before the load was allowed to begin. */
  TagIds tags();

  /**
   * Returns what keeps others from loading meanwhile, at the key itself or beside it; null if
   * nothing does.
   */
  default @Nullable Lease lease() {
    return null;
  }

  /** Returns which results may be stored. */
  default Admission admission() {
    return new Admission.Any();
  }

  /** Which results a grant lets in. */
  sealed interface Admission {
    /** Every result. */
    record Any() implements Admission {}

    /**
     * Values of at least a version, because a hold-off may not be over for others.
     *
     * @param version empty if nothing may be stored
     */
    record AtLeast(OptionalLong version) implements Admission {}

    /** A value that joins the one of programs with another version of the class. */
    record Joining() implements Admission {}
  }

  /** Nothing was there: the lease is what the key holds. */
  record OnMiss(Lease lease, TagIds tags) implements Grant {
    @Override
    public EntryId id() {
      return lease.id();
    }

    @Override
    public byte[] stamp() {
      return lease.stamp();
    }
  }

  /**
   * A value or an absence stays while it is loaded anew, under a lease beside it.
   *
   * @param id of what is to be replaced
   * @param seen the same, as it was when the lease was asked for
   */
  record OnRefresh(EntryId id, Lease lease, Snapshot seen, Admission admission) implements Grant {
    static OnRefresh of(Lease lease, Snapshot seen, Admission admission) {
      return new OnRefresh(seen.entry().id(), lease, seen, admission);
    }

    @Override
    public byte[] stamp() {
      return replaced().stamp();
    }

    @Override
    public TagIds tags() {
      return seen.tags();
    }

    Entry replaced() {
      return seen.entry();
    }

    /** Returns whether an entry is the one that is to be replaced. */
    public boolean replaces(Entry entry) {
      return entry.isAnswer() && entry.id().equals(id);
    }

    /**
     * Returns whether the entry to be replaced is younger than it seemed when it was read.
     *
     * @param remaining the time that it has left now; null if it never ends
     */
    boolean onlySeemedOld(@Nullable Duration remaining) {
      return remaining != null && replaced().age(remaining).compareTo(seen.age()) < 0;
    }
  }

  /** The key says that its loads are not stored: this one waits for nobody, and nobody for it. */
  record UnderPass(Entry pass, TagIds tags) implements Grant {
    @Override
    public EntryId id() {
      return pass.id();
    }

    @Override
    public byte[] stamp() {
      return pass.stamp();
    }
  }

  /** The key holds a barrier, which a value of a sufficient version may replace. */
  record BehindBarrier(Entry barrier, TagIds tags) implements Grant {
    @Override
    public EntryId id() {
      return barrier.id();
    }

    @Override
    public byte[] stamp() {
      return barrier.stamp();
    }

    @Override
    public Admission admission() {
      return new Admission.AtLeast(barrier.minVersion());
    }
  }
}
