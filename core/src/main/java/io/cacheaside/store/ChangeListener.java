package io.cacheaside.store;

/**
 * Is told by a {@link Store} which keys have changed. Called on any thread, also within an
 * operation on the store; must be quick and must not block or throw.
 */
public interface ChangeListener {

  /** The state of a key has changed, or may have; or it was written again as it was. */
  void changed(String key);

  /** The states of any number of keys may have changed. */
  void allChanged();

  /**
   * The states of any number of keys may have changed or be gone, because the store was lost sight
   * of or emptied.
   */
  default void lost() {
    allChanged();
  }
}
