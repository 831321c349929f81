package io.cacheaside.redis;

import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says what the failure of a command means for a store. */
final class CommandFailures {
  private static final String QUEUE_FULL = "queue size exceeded";
  private static final String REPEATED_ARGUMENTS = ", with args beginning";
  private static final int MAX_SHOWN = 250;
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  private CommandFailures() {}

  /**
   * Returns why a command failed.
   *
   * @param written whether it was written to a connection
   * @param closed whether the store has been closed
   */
  static StoreException of(String command, Throwable cause, boolean written, boolean closed) {
    return of(command, cause, written, closed, null);
  }

  /**
   * Returns why a command failed on a node.
   *
   * @param node the node of a cluster; null if there is only one, or if it is not known
   */
  static StoreException of(
      String command, Throwable cause, boolean written, boolean closed, @Nullable String node) {
    if (cause instanceof StoreException known) {
      return known;
    }
    if (cause instanceof RedisCommandTimeoutException) {
      return new StoreException(Reason.TIMED_OUT, command + ": no answer in time", cause, node);
    }
    if (cause instanceof RedisCommandExecutionException) {
      return refused(command, String.valueOf(cause.getMessage()));
    }
    if (closed) {
      return new StoreException(
          written ? Reason.INTERRUPTED : Reason.CLOSED,
          command + ": the store has been closed",
          cause);
    }
    return written ? interrupted(command, cause, node) : notSent(command, cause, node);
  }

  private static StoreException interrupted(
      String command, Throwable cause, @Nullable String node) {
    return new StoreException(
        Reason.INTERRUPTED, command + ": the connection broke before an answer came", cause, node);
  }

  private static StoreException notSent(String command, Throwable cause, @Nullable String node) {
    return String.valueOf(cause.getMessage()).contains(QUEUE_FULL)
        ? new StoreException(Reason.OVERLOADED, command + ": too many commands wait", cause, node)
        : new StoreException(Reason.DISCONNECTED, command + ": not connected", cause, node);
  }

  /** Returns what an error answer of the server means. */
  static StoreException refused(String command, String error) {
    return new StoreException(Reason.REFUSED, command + ": " + shown(error), null);
  }

  /** Cuts off the arguments that a server repeats, which may be a key or a value. */
  static String shown(String error) {
    int arguments = error.indexOf(REPEATED_ARGUMENTS);
    String head =
        CONTROL.matcher(arguments < 0 ? error : error.substring(0, arguments)).replaceAll("?");
    return head.length() <= MAX_SHOWN ? head : head.substring(0, MAX_SHOWN) + "...";
  }
}
