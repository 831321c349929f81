package io.cacheaside.verification.history;

import io.cacheaside.InvalidationFailedException;
import io.cacheaside.LoadException;
import io.cacheaside.LoadTimeoutException;
import io.cacheaside.SharedLoadException;
import io.cacheaside.store.StoreException;
import java.util.concurrent.CompletionException;

/** How an {@link Event} ended. */
enum Outcome {
  /** Not at all. */
  NONE,
  VALUE,
  ABSENT,
  /** A value that was never written. */
  DAMAGED,
  /** The source has failed, here or for another caller. */
  SOURCE_FAILED,
  /** Another caller's load took too long. */
  TIMED_OUT,
  /** Returned normally. */
  DONE,
  /** The store has failed, and a writer was told. */
  STORE_FAILED,
  /** Something that no caller should ever see. */
  UNEXPECTED;

  private static final Outcome[] ALL = values();

  static Outcome of(int ordinal) {
    return ALL[ordinal];
  }

  static Outcome of(Throwable failure) {
    if (failure instanceof CompletionException && failure.getCause() != null) {
      return of(failure.getCause());
    }
    if (failure instanceof SharedLoadException shared) {
      return shared.failureClass().equals(SourceFailure.class.getName())
          ? SOURCE_FAILED
          : UNEXPECTED;
    }
    if (failure instanceof LoadTimeoutException) {
      return TIMED_OUT;
    }
    if (failure instanceof LoadException && failure.getCause() != null) {
      return of(failure.getCause());
    }
    if (failure instanceof InvalidationFailedException || failure instanceof StoreException) {
      return STORE_FAILED;
    }
    return failure instanceof SourceFailure ? SOURCE_FAILED : UNEXPECTED;
  }
}
