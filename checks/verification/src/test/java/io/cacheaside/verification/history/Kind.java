package io.cacheaside.verification.history;

/** What an {@link Event} is about. */
enum Kind {
  READ,
  /** A call of a loader. */
  LOAD,
  INVALIDATE,
  WRITE_THEN_INVALIDATE,
  INVALIDATE_TAG,
  CLEAR,
  UPDATE,
  MARK_STALE,
  /** The store was asked for a sign of life; its answer comes after what it has told before. */
  PROOF,
  /** The store failed an operation of some key. */
  STORE_FAILURE,
  /** An invalidation that had failed was repeated with success. */
  REPLAY,
  /** A load began, and since its read did the store was not asked, or an invalidation is open. */
  AROUND;

  private static final Kind[] ALL = values();

  static Kind of(int ordinal) {
    return ALL[ordinal];
  }

  /** Whether nothing older may be read once it has returned normally (G1). */
  boolean isInvalidation() {
    return switch (this) {
      case INVALIDATE, WRITE_THEN_INVALIDATE, INVALIDATE_TAG, CLEAR, UPDATE -> true;
      case READ, LOAD, MARK_STALE, PROOF, STORE_FAILURE, REPLAY, AROUND -> false;
    };
  }

  /** Whether it is known by its moment alone. */
  boolean isInstant() {
    return this == STORE_FAILURE || this == REPLAY || this == AROUND;
  }
}
