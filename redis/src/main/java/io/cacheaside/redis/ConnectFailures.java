package io.cacheaside.redis;

import io.cacheaside.store.StoreException.Reason;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import io.netty.handler.ssl.NotSslRecordException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says what a failure to connect means: whether to wait, and what to look at. */
final class ConnectFailures {
  /** Error answers of a server that will do what it is asked once it, or its cluster, is ready. */
  private static final Set<String> NOT_READY =
      Set.of(
          "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "MOVED", "ASK", "READONLY");

  private static final Pattern NO_SENTINEL =
      Pattern.compile("unknown command ['`]SENTINEL", Pattern.CASE_INSENSITIVE);

  /** What Lettuce says of an answer that is not one of Redis. */
  private static final Pattern FIRST_BYTE = Pattern.compile("^Invalid first byte: (\\d{1,3})\\b");

  private static final Pattern FORBIDDEN = Pattern.compile("^NOPERM .* run the '([^' ]+)'");

  private static final String TOO_MANY_CLIENTS = "ERR max number of clients";

  /** Lettuce has no type of its own for it. */
  private static final String UNKNOWN_MASTER = "using sentinel for masterId";

  private static final String UNEXPLAINED = "RedisHandshakeHandler not registered";

  private ConnectFailures() {}

  /** Returns whether the same may succeed later although nothing is changed here. */
  static boolean isTransient(Throwable failure) {
    return all(failure).noneMatch(ConnectFailures::isPermanent);
  }

  /**
   * Returns whether the reason got lost: Lettuce looks for it in the pipeline of the connection,
   * and if the server was quick to refuse, nothing is in there any more.
   */
  static boolean isUnexplained(Throwable failure) {
    return isTransient(failure)
        && all(failure).anyMatch(one -> UNEXPLAINED.equals(one.getMessage()));
  }

  private static boolean isPermanent(Throwable failure) {
    if (failure instanceof RedisCommandExecutionException) {
      return !isNotReady(String.valueOf(failure.getMessage()));
    }
    return failure instanceof RedisConnectException || isUnknownMaster(failure) || isTls(failure);
  }

  private static boolean isNotReady(String error) {
    int end = error.indexOf(' ');
    return NOT_READY.contains(end < 0 ? error : error.substring(0, end))
        || error.startsWith(TOO_MANY_CLIENTS);
  }

  private static boolean isUnknownMaster(Throwable failure) {
    return failure instanceof RedisConnectionException
        && String.valueOf(failure.getMessage()).contains(UNKNOWN_MASTER);
  }

  /** Returns whether TLS itself failed; most of Netty's own exceptions tell of the link below. */
  private static boolean isTls(Throwable failure) {
    boolean ofNetty = failure.getClass().getName().startsWith("io.netty.");
    return failure instanceof NotSslRecordException
        || failure instanceof GeneralSecurityException
        || (failure instanceof SSLException && !ofNetty);
  }

  /** Returns why a store could not be connected, with the property to look at. */
  static RedisConnectException of(RedisSettings settings, Throwable failure) {
    Throwable root = rootOf(failure);
    return root instanceof RedisConnectException known
        ? known
        : new RedisConnectException(reason(root), message(settings, root), failure);
  }

  private static Reason reason(Throwable root) {
    return root instanceof RedisCommandExecutionException || isUnknownMaster(root)
        ? Reason.REFUSED
        : Reason.DISCONNECTED;
  }

  private static String message(RedisSettings settings, Throwable root) {
    String address = settings.address();
    String why =
        CommandFailures.shown(root.getMessage() == null ? root.toString() : root.getMessage());
    if (root instanceof RedisCommandExecutionException && why.startsWith("NOAUTH")) {
      return address
          + " refused: the server requires a password (NOAUTH): set password, and username for"
          + " another user than default";
    }
    if (root instanceof RedisCommandExecutionException) {
      return address + " refused: " + why + advice(settings, why);
    }
    if (root instanceof UnknownHostException) {
      return "nodes = %s: unknown host: %s".formatted(settings.nodes(), why);
    }
    if (isUnknownMaster(root)) {
      return "sentinelMaster = %s: the Sentinels at %s do not know it"
          .formatted(settings.sentinelMaster(), settings.nodes());
    }
    if (isTls(root)) {
      return "%s: TLS failed: %s (check tls = %s)".formatted(address, why, settings.tls());
    }
    return address + " cannot be reached: " + why + tlsAdvice(settings, root);
  }

  private static String advice(RedisSettings settings, String error) {
    Matcher forbidden = FORBIDDEN.matcher(error);
    if (forbidden.find()) {
      return ": " + settings.grant("+" + forbidden.group(1));
    }
    if (error.contains("AUTH") || error.startsWith("WRONGPASS")) {
      String user = settings.username() == null ? "default" : settings.username();
      return " (check username = %s and password)".formatted(user);
    }
    if (error.contains("DB index")) {
      return " (check database = %d)".formatted(settings.database());
    }
    if (error.contains("cluster support disabled")) {
      return " (it is no node of a cluster: use redis:// or cluster = false)";
    }
    if (NO_SENTINEL.matcher(error).find()) {
      return " (it is no Sentinel: use redis://, or the port of a Sentinel)";
    }
    return error.contains("unknown command") ? " (it needs Redis 7.0, Valkey 7.2, or newer)" : "";
  }

  /** A server that wants TLS ends a plain connection; a plain one waits for more or ends it. */
  private static String tlsAdvice(RedisSettings settings, Throwable root) {
    if (root instanceof ConnectException) {
      return "";
    }
    if (settings.tls() != null) {
      return " (tls = true: does it speak TLS?)";
    }
    if (isOtherProtocol(root)) {
      return " (it does not speak the protocol of Redis: check host and port)";
    }
    boolean silence =
        root instanceof RedisCommandTimeoutException || root instanceof TimeoutException;
    return silence ? "" : " (tls = false: does it want TLS?)";
  }

  /**
   * Returns whether an answer is neither one of Redis nor of TLS, whose records begin with 20 to
   * 23.
   */
  private static boolean isOtherProtocol(Throwable root) {
    Matcher firstByte = FIRST_BYTE.matcher(String.valueOf(root.getMessage()));
    if (!firstByte.find()) {
      return false;
    }
    int first = Integer.parseInt(firstByte.group(1));
    return first < 20 || first > 23;
  }

  private static Throwable rootOf(Throwable failure) {
    return find(failure, ConnectFailures::isPermanent)
        .or(() -> find(failure, UnknownHostException.class::isInstance))
        .or(() -> find(failure, ConnectFailures::hasNoCause))
        .orElse(failure);
  }

  private static boolean hasNoCause(Throwable failure) {
    return failure.getCause() == null && failure.getSuppressed().length == 0;
  }

  private static Optional<Throwable> find(Throwable failure, Predicate<Throwable> predicate) {
    return all(failure).filter(predicate).findFirst();
  }

  /** Returns a failure with its causes and what they suppressed: with a cluster, every node's. */
  private static Stream<Throwable> all(Throwable failure) {
    Set<Throwable> seen = new LinkedHashSet<>();
    collect(failure, seen);
    return seen.stream();
  }

  private static void collect(@Nullable Throwable failure, Set<Throwable> seen) {
    if (failure != null && seen.add(failure)) {
      collect(failure.getCause(), seen);
      for (Throwable suppressed : failure.getSuppressed()) {
        collect(suppressed, seen);
      }
    }
  }
}
