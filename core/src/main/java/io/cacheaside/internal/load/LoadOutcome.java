package io.cacheaside.internal.load;

import io.cacheaside.LoadRejectedException;
import io.cacheaside.LoadTimeoutException;
import io.cacheaside.WaitInterruptedException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** How a load ended, for those who joined it. */
public sealed interface LoadOutcome<V> {

  /** The source answered; null: it has nothing. */
  record Value<V>(@Nullable V value) implements LoadOutcome<V> {}

  /** Returns whether those who joined share a failure, because it is one of the source. */
  static boolean isShared(Throwable failure) {
    return !(failure instanceof VirtualMachineError
        || failure instanceof InterruptedException
        || failure instanceof WaitInterruptedException
        || failure instanceof LoadTimeoutException
        || failure instanceof LoadRejectedException
        || failure instanceof RejectedExecutionException);
  }

  /** The loader failed. */
  record Failure<V>(Throwable failure) implements LoadOutcome<V> {}

  /** The load came to nothing: those who joined it read again. */
  record Lost<V>() implements LoadOutcome<V> {}
}
