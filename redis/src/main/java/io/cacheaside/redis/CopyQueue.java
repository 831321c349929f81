package io.cacheaside.redis;

import io.cacheaside.redis.Marks.Mark;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The waits for the copies of one primary, one at a time on a connection of their own. Those who
 * come while one is under way share the next one, as that one may not cover what they have done.
 *
 * <p>The connection is opened when it is needed and does not reconnect by itself: so a wait goes to
 * where the address, or a Sentinel, points then, and none begins on a connection that is known to
 * be broken.
 */
final class CopyQueue {
  private final Copies copies;
  private final RedisURI primary;
  private CopyWait next = new CopyWait();
  private boolean busy;

  /** Changed by the wait that is under way only. */
  private volatile @Nullable StatefulRedisConnection<String, byte[]> connection;

  CopyQueue(Copies copies, RedisURI primary) {
    this.copies = copies;
    this.primary = primary;
  }

  /** Completes when the primary has turned out to have these marks, and enough replicas too. */
  CompletionStage<?> join(List<Mark> marks) {
    CopyWait joined;
    boolean first;
    synchronized (this) {
      joined = next;
      joined.add(marks);
      first = !busy;
      if (first) {
        busy = true;
        next = new CopyWait();
      }
    }
    if (first) {
      run(joined);
    }
    return joined.result();
  }

  private void run(CopyWait wait) {
    connected()
        .thenCompose(opened -> perform(wait, opened))
        .whenComplete(
            (done, failure) -> {
              runNext();
              wait.end(failure == null ? null : copies.failed(failure, false));
            });
  }

  private void runNext() {
    CopyWait wait;
    synchronized (this) {
      wait = next;
      busy = !wait.isEmpty();
      if (busy) {
        next = new CopyWait();
      }
    }
    if (!wait.isEmpty()) {
      run(wait);
    }
  }

  private CompletionStage<StatefulRedisConnection<String, byte[]>> connected() {
    StatefulRedisConnection<String, byte[]> current = connection;
    if (current != null && current.isOpen()) {
      return CompletableFuture.completedStage(current);
    }
    disconnect();
    return copies
        .connect(primary)
        .thenApply(
            opened -> {
              connection = opened;
              return opened;
            });
  }

  private CompletionStage<?> perform(
      CopyWait wait, StatefulRedisConnection<String, byte[]> opened) {
    RedisAsyncCommands<String, byte[]> commands = opened.async();
    List<RedisFuture<Long>> found = wait.keys().stream().map(commands::unlink).toList();
    RedisFuture<Long> acknowledged =
        commands.waitForReplication(copies.wanted(), copies.timeout().toMillis());
    return Copies.all(Stream.concat(found.stream(), Stream.of(acknowledged)))
        .handle(
            (done, failure) -> {
              if (failure != null) {
                disconnect();
                throw copies.failed(failure, true);
              }
              check(wait.size(), found.stream().mapToLong(CopyQueue::value).sum());
              copies.check(value(acknowledged));
              return null;
            });
  }

  private static long value(RedisFuture<Long> answered) {
    return answered.toCompletableFuture().join();
  }

  /** Leaves a server that does not have all marks: it was not, or is no longer, the primary. */
  private void check(long left, long found) {
    if (found < left) {
      disconnect();
      throw Copies.refused("another server was asked than the primary that was written to");
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for it
  private void disconnect() {
    StatefulRedisConnection<String, byte[]> current = connection;
    if (current != null) {
      connection = null;
      current.closeAsync();
    }
  }
}
