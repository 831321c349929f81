package io.cacheaside.redis;

import io.cacheaside.store.ChangeListener.Cause;
import io.cacheaside.store.StoreException;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.push.PushListener;
import io.lettuce.core.api.push.PushMessage;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Has one server tell of changes over one connection, with <a
 * href="https://redis.io/docs/latest/develop/reference/client-side-caching/">client tracking</a>:
 * of keys that were read behind {@code CLIENT CACHING YES}, once each.
 *
 * <p>The server forgets all of it with the connection. So a feed begins when it has agreed to tell,
 * and is a primary, and ends when the connection does, and nothing that was read with an ended feed
 * is trusted again.
 */
final class Tracker implements PushListener, RedisConnectionStateListener {
  private static final String PRIMARY = "master";
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration PAUSE_AFTER_REFUSAL = Duration.ofSeconds(5);

  private final Origin origin;
  private final ChangeListeners listeners;
  private final LettuceThreads threads;
  private final StatefulRedisConnection<String, byte[]> connection;
  private final Consumer<Throwable> refusals;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicBoolean proving = new AtomicBoolean();
  private volatile @Nullable TrackedFeed feed;
  private volatile boolean stopped;

  Tracker(
      Origin origin,
      ChangeListeners listeners,
      LettuceThreads threads,
      StatefulRedisConnection<String, byte[]> connection,
      Consumer<Throwable> refusals) {
    this.origin = origin;
    this.listeners = listeners;
    this.threads = threads;
    this.connection = connection;
    this.refusals = refusals;
  }

  /** Begins to track over the connection, and again whenever it has been lost and is back. */
  void start() {
    connection.addListener((PushListener) this);
    connection.addListener((RedisConnectionStateListener) this);
    ask();
  }

  /** Ends the feed, and does not begin another one. */
  void stop(Cause cause) {
    stopped = true;
    connection.removeListener((PushListener) this);
    connection.removeListener((RedisConnectionStateListener) this);
    end(cause);
  }

  StatefulRedisConnection<String, byte[]> connection() {
    return connection;
  }

  /** Returns the feed of what is read over the connection from now on; null if there is none. */
  @Nullable TrackedFeed feed() {
    return feed;
  }

  /** Returns whether everything was told that changed up to so long ago. */
  boolean isComplete(long nowNanos, long maxLagNanos) {
    TrackedFeed current = feed;
    return current != null && current.isComplete(nowNanos, maxLagNanos);
  }

  // ---- Coming and going -----------------------------------------------------------------------

  @Override
  public void onRedisConnected(RedisChannelHandler<?, ?> handler, SocketAddress address) {
    restart(Cause.DISCONNECTED);
  }

  @Override
  public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
    end(Cause.DISCONNECTED);
  }

  /** Ends the feed and begins another one. */
  void restart(Cause cause) {
    end(cause);
    ask();
  }

  /** Ends the feed: what was read with it is not trusted any more, and who waits looks again. */
  private void end(Cause cause) {
    TrackedFeed ended;
    synchronized (this) {
      connections.incrementAndGet();
      ended = feed;
      feed = null;
    }
    if (ended != null) {
      ended.end();
      listeners.feedEnded(ended, cause);
    }
  }

  // ---- Hearing --------------------------------------------------------------------------------

  @Override
  public void onPushMessage(PushMessage message) {
    if (!message.getType().equals("invalidate")) {
      return;
    }
    Object keys = message.getContent().get(1);
    if (keys instanceof List<?> some) {
      some.forEach(key -> listeners.changed(decoded((ByteBuffer) key)));
    } else {
      listeners.allChanged(Cause.EMPTIED);
    }
  }

  private String decoded(ByteBuffer key) {
    return origin.codec().decodeKey(key.duplicate());
  }

  // ---- Asking ---------------------------------------------------------------------------------

  /**
   * Asks the server to tell of changes, and again after a pause for as long as it does not. What a
   * replica has may be outdated without end, so that a feed neither begins nor goes on there. That
   * it lets reads be watched is asked for too; the next command, for the role, reads no key.
   */
  private void ask() {
    if (stopped) {
      return;
    }
    int number = connections.get();
    long sentNanos = System.nanoTime();
    CompletionStage<String> agreed = client("TRACKING", "ON", "OPTIN");
    CompletionStage<String> watching = client("CACHING", "YES");
    agreed
        .thenCombine(watching, (tracks, watches) -> watches)
        .thenCombine(role(), (watches, role) -> role)
        .whenComplete(
            (role, failure) -> {
              if (failure == null && isPrimary(role)) {
                begin(number, sentNanos);
              } else if (failure == null) {
                origin.demoted();
                askLater(number, PAUSE);
              } else if (isRefusal(failure)) {
                refusals.accept(Stages.unwrapped(failure));
                askLater(number, PAUSE_AFTER_REFUSAL);
              } else {
                askLater(number, PAUSE);
              }
            });
  }

  /** Asks again, unless the connection is another one by then. */
  private void askLater(int number, Duration pause) {
    threads.schedule(
        () -> {
          if (connections.get() == number && connection.isOpen()) {
            ask();
          }
        },
        pause);
  }

  private synchronized void begin(int number, long sentNanos) {
    if (connections.get() == number && !stopped) {
      feed = new TrackedFeed(sentNanos);
    }
  }

  /** Asks the server for a sign of life, which proves that nothing was missed until now. */
  void prove() {
    TrackedFeed current = feed;
    if (current == null || !proving.compareAndSet(false, true)) {
      return;
    }
    long sentNanos = System.nanoTime();
    current.ask(sentNanos);
    role()
        .whenComplete(
            (role, failure) -> {
              try {
                proved(current, sentNanos, failure == null ? role : null);
              } finally {
                proving.set(false);
              }
            });
  }

  /** Takes the answer to a question for the role; null if there was none. */
  private void proved(TrackedFeed asked, long sentNanos, @Nullable List<Object> role) {
    if (role != null && isPrimary(role)) {
      listeners.toldWithin(asked.proven(sentNanos, System.nanoTime()));
    } else if (role != null) {
      restart(Cause.DEMOTED);
      origin.demoted();
    }
  }

  private CompletionStage<String> client(String... words) {
    CommandArgs<String, byte[]> args = new CommandArgs<>(origin.codec());
    for (String word : words) {
      args.add(word);
    }
    return dispatch(
        new Command<>(origin, CommandType.CLIENT, new StatusOutput<>(origin.codec()), args));
  }

  private CompletionStage<List<Object>> role() {
    return dispatch(
        new Command<>(origin, CommandType.ROLE, new ArrayOutput<>(origin.codec()), null));
  }

  private <T extends @Nullable Object> CompletionStage<T> dispatch(Command<T> command) {
    try {
      connection.dispatch(command);
    } catch (RuntimeException e) {
      command.completeExceptionally(e);
    }
    return command.stage();
  }

  private static boolean isPrimary(List<Object> role) {
    return !role.isEmpty() && PRIMARY.equals(Hello.text(role.get(0)));
  }

  private static boolean isRefusal(Throwable failure) {
    return Stages.unwrapped(failure) instanceof StoreException known
        && known.reason() == StoreException.Reason.REFUSED;
  }
}
