package io.cacheaside;

import io.cacheaside.store.StoreException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says that a store did not confirm an invalidation. The instance that was asked for it reads what
 * it is about around the cache, and repeats it until it succeeds; other processes may read old
 * values until then, or until their time to live ends. The last {@link StoreException} is the
 * cause; a {@link WaitInterruptedException} if the thread was interrupted while it waited for the
 * confirmation. After {@link Invalidations#run} the cause is the first of several failures.
 *
 * <p>Invalidating again is always safe, also if the failed attempt took effect after all.
 */
public class InvalidationFailedException extends CacheAsideException {
  private static final long serialVersionUID = 1L;

  private final transient @Nullable Object writeResult;
  private final boolean writeCommitted;

  /**
   * Creates an exception, as a cache throws it.
   *
   * @param cacheName of the cache
   * @param what was to be invalidated, as the message shows it
   * @param cause the last failure of the store
   */
  public InvalidationFailedException(String cacheName, String what, Throwable cause) {
    this(cacheName, what, cause, false, null);
  }

  private InvalidationFailedException(
      String cacheName,
      String what,
      @Nullable Throwable cause,
      boolean writeCommitted,
      @Nullable Object writeResult) {
    super(cacheName, "the invalidation of " + what + " was not confirmed by the store", cause);
    this.writeCommitted = writeCommitted;
    this.writeResult = writeResult;
  }

  /**
   * Returns the exception for a write that is committed while its invalidation is not confirmed.
   *
   * @param cacheName of the cache
   * @param key as the message shows it
   * @param result of the write
   * @param failure of the invalidation
   */
  public static InvalidationFailedException afterWrite(
      String cacheName, String key, @Nullable Object result, CacheAsideException failure) {
    Throwable cause = failure instanceof InvalidationFailedException ? failure.getCause() : failure;
    return new InvalidationFailedException(
        cacheName, "key '" + key + "' after its committed write", cause, true, result);
  }

  /** Returns the exception for a committed write of which some invalidations failed. */
  static InvalidationFailedException afterWrite(
      @Nullable Object result, List<? extends Throwable> failures) {
    Throwable first = failures.get(0);
    String cacheName =
        failures.stream()
            .filter(CacheAsideException.class::isInstance)
            .map(failure -> ((CacheAsideException) failure).cacheName())
            .findFirst()
            .orElse("?");
    InvalidationFailedException all =
        new InvalidationFailedException(
            cacheName,
            failures.size() + " of what a committed write has changed",
            first,
            true,
            result);
    failures.subList(1, failures.size()).forEach(all::addSuppressed);
    return all;
  }

  /** Returns whether this came after a write that was committed. */
  public boolean isWriteCommitted() {
    return writeCommitted;
  }

  /**
   * Returns what the committed write returned; empty if it returned null, there was none, or after
   * deserialisation.
   */
  public Optional<Object> writeResult() {
    return Optional.ofNullable(writeResult);
  }
}
