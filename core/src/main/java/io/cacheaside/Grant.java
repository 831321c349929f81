package io.cacheaside;

import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What allows a load to store its result: the state that the key held when the load was allowed to
 * begin. The result takes the place of exactly that state, or is not stored.
 *
 * @param id the id of that state, by which others find the load
 * @param stamp its first bytes
 * @param lease what keeps others from loading meanwhile, at the key itself or beside it; null if
 *     nothing does
 * @param replaced the value or absence that stays while it is loaded anew; null if there is none
 * @param replacedAge how old that one was when it was read; null if there is none
 * @param tags the ids of the key's tags, read before the load was allowed to begin
 * @param barrier whether only values of at least {@code minVersion} may be stored; none if it is
 *     empty
 * @param shared whether {@code replaced} is of use to programs with another version of the class,
 *     so that the result is stored together with it
 */
@SuppressWarnings("ArrayRecordComponent")
record Grant(
    EntryId id,
    byte[] stamp,
    @Nullable Lease lease,
    @Nullable Entry replaced,
    @Nullable Duration replacedAge,
    TagIds tags,
    boolean barrier,
    OptionalLong minVersion,
    boolean shared) {

  /** Returns the grant of a load on a miss: its lease is what the key holds. */
  static Grant ofLease(Lease lease, TagIds tags) {
    return new Grant(
        lease.id(), lease.stamp(), lease, null, null, tags, false, OptionalLong.empty(), false);
  }

  /**
   * Returns the grant of a load that refreshes an entry, under a lease beside it.
   *
   * @param barrier whether only values of at least {@code minVersion} may take its place; none if
   *     it is empty
   */
  static Grant ofRefresh(Lease beside, Look look, boolean barrier, OptionalLong minVersion) {
    Entry entry = look.entry();
    return new Grant(
        entry.id(),
        entry.stamp(),
        beside,
        entry,
        look.age(),
        look.tags(),
        barrier,
        minVersion,
        false);
  }

  /** Returns the same grant for a result that is stored together with the entry it refreshes. */
  Grant toShare() {
    return new Grant(id, stamp, lease, replaced, replacedAge, tags, barrier, minVersion, true);
  }

  /** Returns the grant of a load that waits for nobody and for which nobody waits. */
  static Grant ofPass(Entry pass, TagIds tags) {
    return new Grant(
        pass.id(), pass.stamp(), null, null, null, tags, false, OptionalLong.empty(), false);
  }

  /** Returns the grant of a load behind a barrier. */
  static Grant ofBarrier(Look look) {
    Entry barrier = look.entry();
    return new Grant(
        barrier.id(),
        barrier.stamp(),
        null,
        null,
        null,
        look.tags(),
        true,
        barrier.minVersion(),
        false);
  }

  /**
   * Returns whether the entry to be refreshed is younger than it seemed when it was read.
   *
   * @param remaining the time that it has left now; null if it never ends
   */
  boolean onlySeemedOld(@Nullable Duration remaining) {
    return replaced != null
        && replacedAge != null
        && remaining != null
        && replaced.age(remaining).compareTo(replacedAge) < 0;
  }

  boolean isRefresh() {
    return replaced != null;
  }
}
