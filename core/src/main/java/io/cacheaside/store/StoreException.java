package io.cacheaside.store;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Says that a store did not do what it was asked to, and why.
 *
 * <p>Never leaves a read of a cache: a read falls back to the source of truth.
 */
public class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why a store failed. */
  public enum Reason {
    /** There is no connection; the operation was not sent. */
    DISCONNECTED(false),
    /** Too many operations are waiting already; the operation was not sent. */
    OVERLOADED(false),
    /**
     * The server answered with an error (loading, read-only, out of memory, no permission, ...).
     */
    REFUSED(false),
    /** No answer came within the deadline. */
    TIMED_OUT(true),
    /** The connection broke, or the answer made no sense, after the operation was sent. */
    INTERRUPTED(true),
    /** The store has been closed. */
    CLOSED(false),
    /**
     * The store failed with something else than this exception, so there is a mistake in it; thrown
     * by a cache, not by a store.
     */
    UNEXPECTED(true),
    /**
     * The cache did not ask the store, because it has timed out repeatedly; thrown by a cache, not
     * by a store.
     */
    CIRCUIT_OPEN(false);

    private final boolean outcomeUnknown;

    Reason(boolean outcomeUnknown) {
      this.outcomeUnknown = outcomeUnknown;
    }
  }

  private final Reason reason;

  private final @Nullable String node;

  /** Creates an exception; the message names the operation, never a value or a secret. */
  public StoreException(Reason reason, String message, @Nullable Throwable cause) {
    this(reason, message, cause, null);
  }

  /**
   * Creates an exception that concerns one node of a store.
   *
   * @param node as of {@link Store#nodeOf}; null if the failure may concern every key
   */
  public StoreException(
      Reason reason, String message, @Nullable Throwable cause, @Nullable String node) {
    super(message, cause);
    this.reason = Objects.requireNonNull(reason, "reason");
    this.node = node;
  }

  /** Returns why the store failed. */
  public Reason reason() {
    return reason;
  }

  /**
   * Returns the node that failed, as {@link Store#nodeOf} names it; null if the store has only one
   * or the failure may concern every key.
   */
  public @Nullable String node() {
    return node;
  }

  /** Returns whether the operation may have taken, or may still take, effect. */
  public boolean isOutcomeUnknown() {
    return reason.outcomeUnknown;
  }
}
