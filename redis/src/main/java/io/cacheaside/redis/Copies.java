package io.cacheaside.redis;

import io.cacheaside.redis.CopyMarks.Mark;
import io.lettuce.core.RedisURI;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Waits until replicas have what was done on their primaries.
 *
 * <p>WAIT blocks its connection, so each primary has another one for it. It counts up to the last
 * write of its own connection, so a write has to go before it there. That write is the removal of a
 * mark, which was left over the connection of the commands after these had been answered: a server
 * where the mark is found has everything before it, and so does every replica that acknowledges the
 * removal of the mark. A server that took over without it does not find it.
 */
final class Copies implements AutoCloseable {
  /** Like the removal of a key, it must not fail for lack of memory. */
  private static final String LEAVE_MARK =
      """
      #!lua flags=allow-oom
      return redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
      """;

  private final RedisSettings settings;
  private final Link link;
  private final Deployment deployment;
  private final CopyClient client;
  private final CopyMarks marks;
  private final Map<RedisURI, CopyQueue> queues = new ConcurrentHashMap<>();

  Copies(RedisSettings settings, Link link, Deployment deployment, CopyClient client) {
    this.settings = settings;
    this.link = link;
    this.deployment = deployment;
    this.client = client;
    marks = new CopyMarks(settings, link.codec());
  }

  /** Completes when what was done to these keys, or to all, has as many copies as are wanted. */
  CompletionStage<@Nullable Void> await(List<String> keys) {
    CompletableFuture<@Nullable Void> result = new CompletableFuture<>();
    start(keys)
        .whenComplete(
            (done, failure) -> {
              if (failure == null) {
                result.complete(null);
              } else {
                result.completeExceptionally(client.failed(failure, false));
              }
            });
    return result;
  }

  private CompletionStage<?> start(List<String> keys) {
    try {
      Map<RedisURI, BitSet> slots = deployment.owners(marks.slotsOf(keys));
      return Stages.all(slots.entrySet().stream().map(it -> await(it.getKey(), it.getValue())));
    } catch (RuntimeException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  private CompletionStage<?> await(RedisURI primary, BitSet slots) {
    List<Mark> left = slots.stream().mapToObj(marks::in).toList();
    CopyQueue queue = queues.computeIfAbsent(primary, absent -> new CopyQueue(client, absent));
    return leave(left).thenCompose(done -> queue.join(left));
  }

  private CompletionStage<?> leave(List<Mark> left) {
    List<Command<String>> commands = left.stream().map(this::leave).toList();
    link.send(commands);
    return Stages.all(commands.stream().map(Command::stage));
  }

  private Command<String> leave(Mark mark) {
    CommandArgs<String, byte[]> args =
        new CommandArgs<>(link.codec())
            .add(LEAVE_MARK)
            .add(1)
            .addKey(mark.key())
            .add(lifeOfMark().toMillis());
    return new Command<>(link, CommandType.EVAL, new StatusOutput<>(link.codec()), args);
  }

  /** Returns enough for the mark to be found by the wait after the one that is under way. */
  private Duration lifeOfMark() {
    return settings
        .commandTimeout()
        .plus(settings.connectTimeout())
        .plus(settings.copyTimeout())
        .multipliedBy(2);
  }

  /** Closes the connections; waits for a bounded time. */
  @Override
  public void close() {
    client.close();
  }
}
