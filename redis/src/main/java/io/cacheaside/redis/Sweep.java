package io.cacheaside.redis;

import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * One walk over all keys of one primary, page by page, that removes those which match.
 *
 * <p>Each step is started by the answer to the one before, so no thread waits.
 */
final class Sweep {

  /** What the walks of one removal report to it. */
  interface Progress {
    /** A primary has been reached, so that a key may be removed from now on. */
    void begun();

    /** So many keys have been removed. */
    void removed(long keys);

    /** Throws if nobody waits for the removal any more, or if it takes too long. */
    void checkGoingOn();
  }

  /** Few enough that no SCAN comes near the millisecond for which it may block a server. */
  private static final int PAGE_KEYS = 128;

  private final SweepClient client;
  private final RedisURI primary;
  private final ScanArgs page;
  private final Progress progress;
  private final CompletableFuture<BitSet> result = new CompletableFuture<>();

  Sweep(SweepClient client, RedisURI primary, byte[] pattern, Progress progress) {
    this.client = client;
    this.primary = primary;
    this.page = ScanArgs.Builder.limit(PAGE_KEYS).match(pattern);
    this.progress = progress;
  }

  /** Returns the slots the primary owned all the time; fails if anything changed. */
  CompletableFuture<BitSet> start() {
    then(client.connect(primary), this::connected);
    return result;
  }

  private CompletionStage<BitSet> result() {
    return result;
  }

  private void connected(StatefulRedisConnection<byte[], byte[]> opened) {
    result().whenComplete((slots, failure) -> close(opened));
    progress.begun();
    then(state(opened.async()), before -> scan(opened.async(), before, ScanCursor.INITIAL));
  }

  @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for it
  private static void close(StatefulRedisConnection<byte[], byte[]> connection) {
    connection.closeAsync();
  }

  private void scan(
      RedisAsyncCommands<byte[], byte[]> commands, PrimaryState before, ScanCursor cursor) {
    progress.checkGoingOn();
    then(commands.scan(cursor, page), found -> remove(commands, before, found));
  }

  private void remove(
      RedisAsyncCommands<byte[], byte[]> commands,
      PrimaryState before,
      KeyScanCursor<byte[]> found) {
    List<RedisFuture<Long>> removed = found.getKeys().stream().map(commands::unlink).toList();
    removed.forEach(count -> count.thenAccept(progress::removed));
    then(
        Stages.all(removed.stream()),
        done -> {
          if (found.isFinished()) {
            then(state(commands), after -> finish(before, after));
          } else {
            scan(commands, before, found);
          }
        });
  }

  private void finish(PrimaryState before, PrimaryState after) {
    if (!after.equals(before)) {
      throw PrimaryState.disturbed("the server changed");
    }
    result.complete(after.ownedSlots());
  }

  private CompletionStage<PrimaryState> state(RedisAsyncCommands<byte[], byte[]> commands) {
    CompletionStage<String> info =
        commands.dispatch(
            CommandType.INFO,
            new StatusOutput<>(ByteArrayCodec.INSTANCE),
            new CommandArgs<>(ByteArrayCodec.INSTANCE).add("server").add("replication"));
    CompletionStage<String> nodes =
        client.isCluster() ? commands.clusterNodes() : CompletableFuture.completedStage("");
    return info.thenCombine(nodes, PrimaryState::of);
  }

  /** Goes on with the answer, or ends. */
  private <T> void then(CompletionStage<T> answer, Consumer<? super T> next) {
    answer.whenComplete(
        (value, failure) -> {
          if (failure != null) {
            result.completeExceptionally(Stages.unwrapped(failure));
            return;
          }
          try {
            next.accept(value);
          } catch (RuntimeException e) {
            result.completeExceptionally(e);
          }
        });
  }
}
