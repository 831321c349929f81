package io.cacheaside.store;

/**
 * The stream of changes that a store hears over one connection. A {@linkplain Store#readWatched
 * watched} state is known to be current as long as its feed is complete and nothing was told of its
 * key since the read was sent.
 *
 * <p>A feed that has ended, with its connection for example, never becomes complete again: what was
 * read with it has to be read anew. Thread-safe; nothing blocks.
 */
public interface ChangeFeed {

  /**
   * Returns whether listeners have been told of every change that the store made up to {@code
   * maxLagNanos} before {@code nowNanos}.
   *
   * @param nowNanos the time on the clock of the store, which is {@link System#nanoTime()} unless
   *     it was given another one
   */
  boolean isComplete(long nowNanos, long maxLagNanos);
}
