package io.cacheaside.redis;

import io.cacheaside.redis.Marks.Mark;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Waits until replicas have what was done on their primaries.
 *
 * <p>WAIT blocks its connection, so each primary has another one for it. It counts up to the last
 * write of its own connection, so a write has to go before it there. That write is the removal of a
 * mark, which was left over the connection of the operations after these had been answered: a
 * server where the mark is found has everything before it, and so does every replica that
 * acknowledges the removal of the mark. A server that took over without it does not find it.
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
  private final RedisClient client;
  private final Marks marks;
  private final Map<RedisURI, CopyQueue> queues = new ConcurrentHashMap<>();

  Copies(
      RedisSettings settings,
      Link link,
      Deployment deployment,
      LettuceThreads threads,
      LettuceOptions options) {
    this.settings = settings;
    this.link = link;
    this.deployment = deployment;
    marks = new Marks(settings, link.codec());
    client = RedisClient.create(threads.forSweeps());
    client.setOptions(options.forCopies());
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
                result.completeExceptionally(failed(failure, false));
              }
            });
    return result;
  }

  private CompletionStage<?> start(List<String> keys) {
    try {
      Map<RedisURI, BitSet> slots = deployment.owners(marks.slotsOf(keys));
      return all(slots.entrySet().stream().map(it -> await(it.getKey(), it.getValue())));
    } catch (RuntimeException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  private CompletionStage<?> await(RedisURI primary, BitSet slots) {
    List<Mark> left = slots.stream().mapToObj(marks::in).toList();
    CopyQueue queue = queues.computeIfAbsent(primary, absent -> new CopyQueue(this, absent));
    return leave(left).thenCompose(done -> queue.join(left));
  }

  private CompletionStage<?> leave(List<Mark> left) {
    List<Operation<String>> operations = left.stream().map(this::leave).toList();
    link.send(operations);
    return all(operations.stream().map(Operation::stage));
  }

  private Operation<String> leave(Mark mark) {
    CommandArgs<String, byte[]> args =
        new CommandArgs<>(link.codec())
            .add(LEAVE_MARK)
            .add(1)
            .addKey(mark.key())
            .add(lifeOfMark().toMillis());
    return new Operation<>(link, CommandType.EVAL, new StatusOutput<>(link.codec()), args);
  }

  /** Returns enough for the mark to be found by the wait after the one that is under way. */
  private Duration lifeOfMark() {
    return settings
        .commandTimeout()
        .plus(settings.connectTimeout())
        .plus(settings.copyTimeout())
        .multipliedBy(2);
  }

  static CompletableFuture<?> all(Stream<? extends CompletionStage<?>> stages) {
    return CompletableFuture.allOf(
        stages.map(CompletionStage::toCompletableFuture).toArray(CompletableFuture[]::new));
  }

  int wanted() {
    return settings.invalidationCopies();
  }

  Duration timeout() {
    return settings.copyTimeout();
  }

  void check(long acknowledged) {
    if (acknowledged < wanted()) {
      throw refused(
          "%d of %d copies within %d ms".formatted(acknowledged, wanted(), timeout().toMillis()));
    }
  }

  /** Opens a connection that stays closed once it breaks. */
  CompletionStage<StatefulRedisConnection<String, byte[]>> connect(RedisURI primary) {
    try {
      checkOpen();
      return client.connectAsync(link.codec(), primary).thenApply(this::kept);
    } catch (RuntimeException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for it
  private StatefulRedisConnection<String, byte[]> kept(
      StatefulRedisConnection<String, byte[]> opened) {
    if (link.isClosed()) {
      opened.closeAsync();
    }
    checkOpen();
    return opened;
  }

  private void checkOpen() {
    if (link.isClosed()) {
      throw new IllegalStateException("closed");
    }
  }

  /**
   * Says why it is not certain that there are enough copies.
   *
   * @param sent whether it was asked for
   */
  StoreException failed(Throwable failure, boolean sent) {
    return Failures.of("WAIT", Failures.unwrapped(failure), sent, link.isClosed());
  }

  static StoreException refused(String why) {
    return new StoreException(Reason.REFUSED, "WAIT: " + why, null);
  }

  @Override
  public void close() {
    LettuceThreads.shutdown(client);
  }
}
