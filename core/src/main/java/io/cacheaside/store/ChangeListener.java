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
   * For so long more, in which there was no other call of this method, the store could not tell of
   * what others changed within the time that its listeners want to be sure of. The default does
   * nothing.
   */
  default void untold(Duration time) {}

  /**
   * A proof has come that everything was told which changed before it was asked for, so long ago;
   * in a store of several servers, everything that changed on one of them. Where it was asked for
   * in vain before, since the first time. The default does nothing.
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
