package io.cacheaside.redis;

import io.cacheaside.redis.CopyMarks.Mark;
import io.cacheaside.store.StoreException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
  private final CopyClient client;
  private final RedisURI primary;
  private CopyWait next = new CopyWait();
  private boolean busy;

  /** Changed by the wait that is under way only. */
  private volatile @Nullable StatefulRedisConnection<String, byte[]> connection;

  CopyQueue(CopyClient client, RedisURI primary) {
    this.client = client;
    this.primary = primary;
  }

  /** Completes when the primary has turned out to have these marks, and enough replicas too. */
  CompletionStage<?> join(List<Mark> marks) {
    CopyWait joined;
    CompletionStage<?> result;
    boolean first;
    synchronized (this) {
      joined = next;
      result = joined.add(marks);
      first = !busy;
      if (first) {
        busy = true;
        next = new CopyWait();
      }
    }
    if (first) {
      run(joined);
    }
    return result;
  }

  private void run(CopyWait wait) {
    connected()
        .thenCompose(opened -> perform(wait, opened))
        .whenComplete(
            (failedSlots, failure) -> {
              runNext();
              if (failure == null) {
                wait.end(failedSlots);
              } else {
                wait.fail(client.failed(failure, false));
              }
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
    return client
        .connect(primary)
        .thenApply(
            opened -> {
              connection = opened;
              return opened;
            });
  }

  /** The result has the failures of some slots: others share the wait, and have their own. */
  private CompletionStage<Map<Integer, StoreException>> perform(
      CopyWait wait, StatefulRedisConnection<String, byte[]> opened) {
    RedisAsyncCommands<String, byte[]> commands = opened.async();
    Map<Integer, List<String>> keys = wait.keys();
    Map<Integer, RedisFuture<Long>> found = new HashMap<>();
    keys.forEach((slot, some) -> found.put(slot, commands.unlink(some.toArray(String[]::new))));
    RedisFuture<Long> acknowledged = client.acknowledged(commands);
    return Stages.all(
            Stream.concat(found.values().stream().map(this::ended), Stream.of(acknowledged)))
        .handle(
            (done, failure) -> {
              if (failure != null) {
                disconnect();
                throw client.failed(failure, true);
              }
              Map<Integer, StoreException> failures = failures(keys, found);
              client.check(acknowledged.toCompletableFuture().join());
              return failures;
            });
  }

  /** Ends as the command does, however that is: its own answer counts for its slot alone. */
  private CompletionStage<?> ended(RedisFuture<Long> command) {
    return command.handle((answer, failure) -> null);
  }

  private Map<Integer, StoreException> failures(
      Map<Integer, List<String>> left, Map<Integer, RedisFuture<Long>> found) {
    Map<Integer, StoreException> failures = new HashMap<>();
    left.forEach(
        (slot, keys) ->
            Objects.requireNonNull(found.get(slot))
                .handle((count, failure) -> failure(keys.size(), count, failure))
                .toCompletableFuture()
                .join()
                .ifPresent(failure -> failures.put(slot, failure)));
    return failures;
  }

  /** Leaves a server that does not have all marks: it was not, or is no longer, the primary. */
  private Optional<StoreException> failure(
      int left, @Nullable Long found, @Nullable Throwable failure) {
    if (found == null) {
      return Optional.of(client.failed(Objects.requireNonNull(failure), true));
    }
    if (found == left) {
      return Optional.empty();
    }
    disconnect();
    return Optional.of(
        CopyClient.refused("another server was asked than the primary that was written to"));
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
