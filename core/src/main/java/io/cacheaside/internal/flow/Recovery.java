package io.cacheaside.internal.flow;

import io.cacheaside.store.StoreException;

/** Is told that a store answers again. */
@FunctionalInterface
public interface Recovery {
  /**
   * Is called with the first answer after a failure.
   *
   * @param afterLoss whether the connection, or all contact, was lost: the store may be another one
   *     now
   */
  void recovered(boolean afterLoss);

  /** Returns whether contact was lost, so that another server may answer next. */
  static boolean isLoss(StoreException failure) {
    return failure.reason() == StoreException.Reason.DISCONNECTED
        || failure.reason() == StoreException.Reason.INTERRUPTED;
  }
}
