package io.cacheaside.store;

import java.time.Duration;

/**
 * Is told by a {@link Store} which keys have changed. Called on any thread, also within an
 * operation on the store; must be quick and must not block. What it throws is logged, and keeps no
 * other listener from being told.
 */
public interface ChangeListener {

  /** The state of a key has changed, or may have; or it was written again as it was. */
  void changed(String key);

  /** The states of any number of keys may have changed. */
  void allChanged(Cause cause);

  /**
   * A feed has ended, so its next changes will not be told: what was read with it has to be read
   * again. What was read with another feed is as current as before. The default takes all keys for
   * changed.
   *
   * @param feed is complete no more
   */
  default void feedEnded(ChangeFeed feed, Cause cause) {
    allChanged(cause);
  }

  /**
   * Adds to the time in which the store could not tell of what others changed as soon as its
   * listeners want it; each call is about the time since the last one. The default does nothing.
   */
  default void untold(Duration time) {}

  /**
   * The store has proved that every change made before a request was told; the time is how long ago
   * that request was made, or the first of those in vain before it. In a store of several servers
   * this is about one of them. The default does nothing.
   */
  default void toldWithin(Duration time) {}

  /** Why any number of keys may have changed. */
  enum Cause {
    /** This instance of the store removed keys by a pattern. */
    REMOVED_BY_PATTERN(false),
    /** The store says that it has dropped everything. */
    EMPTIED(true),
    /** The connection over which changes were told has ended. */
    DISCONNECTED(true),
    /** The server over whose connection changes were told is not the primary copy any more. */
    DEMOTED(true),
    /** Keys may be on other servers now. */
    MOVED(false);

    private final boolean loss;

    Cause(boolean loss) {
      this.loss = loss;
    }

    /** Returns whether the store may have lost much of what it had. */
    public boolean isLoss() {
      return loss;
    }
  }
}
