package io.cacheaside;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a loader is told about the load it serves, and what it may decide about its result.
 *
 * <p>Belongs to one call of one loader: use it until that loader has answered, by one thread at a
 * time. Decisions made after that have no effect.
 *
 * @param <V> the values
 * @see ContextLoader
 */
public interface LoadContext<V> {

  /**
   * Returns the value that this load replaces: one that is being refreshed, or is too old for the
   * read. Empty on a plain miss, and if the old value is not readable.
   */
  Optional<V> oldValue();

  /**
   * Returns how long ago the old value was written, or given its time to live; empty if there is
   * none.
   */
  Optional<Duration> oldValueAge();

  /** Returns how much is left of the load timeout; zero when it is over. */
  Duration remainingTime();

  /**
   * Returns whether nobody waits for the result any more, or the load timeout is over: it will not
   * be cached. A long-running loader looks here from time to time and gives up.
   */
  boolean isCancelled();

  /**
   * Runs something once when the load is cancelled, at once if it is already: an asynchronous
   * loader cancels its query here. Must be quick; what it throws is logged. The last one given
   * counts.
   */
  void onCancel(Runnable action);

  /**
   * Sets how long the result is cached, before every other rule. Jitter applies. With less than a
   * millisecond, zero or a negative time, the result is returned and not cached, as after {@link
   * #doNotCache}. More than {@link io.cacheaside.store.Store#MAX_TTL} counts as that.
   */
  void ttl(Duration ttl);

  /**
   * Adds tags to the result, by which it can be invalidated.
   *
   * @throws IllegalStateException if the cache was not built with {@link
   *     CacheAsideBuilder#loaderTags loaderTags}
   * @throws IllegalArgumentException if a tag is empty or too long, or there are too many
   */
  void tags(String... tags);

  /**
   * Keeps the result out of the cache. Until the time to live of a value would have ended, reads of
   * the key load without waiting for each other.
   */
  void doNotCache();

  /**
   * Says that the old value is still current: {@code return context.notModified()}. The entry is
   * given its time to live anew, without its bytes being sent.
   *
   * @return the old value
   * @throws IllegalStateException if there is no {@linkplain #oldValue() old value}
   */
  V notModified();

  /**
   * Says that the source could not be read, without throwing: {@code return context.fail("status
   * 503")}. Counts as a failed load, for which a stale value may stand in.
   *
   * @param reason for the message of the {@link LoadException}; no secrets
   * @return null
   */
  @Nullable V fail(String reason);
}
