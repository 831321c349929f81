package io.cacheaside.redis;

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
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has one server tell of changes over one connection, with <a
 * href="https://redis.io/docs/latest/develop/reference/client-side-caching/">client tracking</a>:
 * of keys that were read behind {@code CLIENT CACHING YES}, once each.
 *
 * <p>The server forgets all of it with the connection. So a feed begins when it has agreed to tell,
 * and ends when the connection does, and nothing that was read with an ended feed is trusted again.
 */
final class Tracker implements PushListener, RedisConnectionStateListener {
  private static final Logger LOG = LoggerFactory.getLogger(RedisStore.class);
  private static final String PRIMARY = "master";

  private final Link link;
  private final StatefulRedisConnection<String, byte[]> connection;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicBoolean proving = new AtomicBoolean();
  private volatile @Nullable Feed feed;

  private Tracker(Link link, StatefulRedisConnection<String, byte[]> connection) {
    this.link = link;
    this.connection = connection;
  }

  /** Begins to track over a connection, and again whenever it has been lost and is back. */
  static Tracker start(Link link, StatefulRedisConnection<String, byte[]> connection) {
    Tracker tracker = new Tracker(link, connection);
    connection.addListener((PushListener) tracker);
    connection.addListener((RedisConnectionStateListener) tracker);
    tracker.enable();
    return tracker;
  }

  StatefulRedisConnection<String, byte[]> connection() {
    return connection;
  }

  /** Returns the feed of what is read over the connection from now on; null if there is none. */
  @Nullable Feed feed() {
    return feed;
  }

  // ---- Coming and going -----------------------------------------------------------------------

  @Override
  public void onRedisConnected(RedisChannelHandler<?, ?> handler, SocketAddress address) {
    end();
    enable();
  }

  @Override
  public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
    end();
  }

  private void enable() {
    int number = connections.get();
    long sentNanos = System.nanoTime();
    CommandArgs<String, byte[]> args =
        new CommandArgs<>(link.codec()).add("TRACKING").add("ON").add("OPTIN").add("NOLOOP");
    Operation<String> tracking =
        new Operation<>(link, CommandType.CLIENT, new StatusOutput<>(link.codec()), args);
    connection.dispatch(tracking);
    tracking
        .stage()
        .whenComplete(
            (ok, failure) -> {
              if (failure == null) {
                begin(number, sentNanos);
              } else {
                LOG.debug("A server does not tell of changes", failure);
              }
            });
  }

  private synchronized void begin(int number, long sentNanos) {
    if (connections.get() == number) {
      feed = new Feed(sentNanos);
    }
  }

  /** Ends the feed: what was read with it is not trusted any more, and who waits looks again. */
  void end() {
    Feed ended;
    synchronized (this) {
      connections.incrementAndGet();
      ended = feed;
      feed = null;
    }
    if (ended != null) {
      ended.end();
      link.listeners().allChanged();
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
      some.forEach(
          key -> link.listeners().changed(link.codec().decodeKey(((ByteBuffer) key).duplicate())));
    } else {
      link.listeners().allChanged();
    }
  }

  /** Asks the server for a sign of life, which proves that nothing was missed until now. */
  void prove() {
    Feed current = feed;
    if (current == null || !proving.compareAndSet(false, true)) {
      return;
    }
    long sentNanos = System.nanoTime();
    Operation<List<Object>> role =
        new Operation<>(link, CommandType.ROLE, new ArrayOutput<>(link.codec()), null);
    connection.dispatch(role);
    role.stage()
        .whenComplete(
            (answer, failure) -> {
              proving.set(false);
              if (failure == null) {
                proven(current, sentNanos, answer);
              }
            });
  }

  private void proven(Feed current, long sentNanos, List<Object> role) {
    if (!role.isEmpty() && PRIMARY.equals(Hello.text(role.get(0)))) {
      current.proven(sentNanos);
    } else {
      end();
      link.leaveReplica();
    }
  }
}
