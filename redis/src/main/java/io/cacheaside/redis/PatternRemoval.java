package io.cacheaside.redis;

import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.lettuce.core.RedisURI;
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The removal of all keys that match a pattern: passes over all primaries, until in one of them
 * nothing happened that a scan does not survive.
 *
 * <p>A cursor is worth nothing after a restart, a promotion or a slot that moved: keys would be
 * missed. So every pass begins at the first key of every primary.
 */
final class PatternRemoval implements Sweep.Progress {
  private static final int MAX_PASSES = 10;

  /** Between two passes: in all enough for a planned promotion, a restart or a moved slot. */
  private static final Delay PAUSE =
      Delay.fullJitter(Duration.ofMillis(100), Duration.ofSeconds(1), 100, TimeUnit.MILLISECONDS);

  private static final Duration LIMIT = Duration.ofMinutes(10);

  private final SweepClient client;
  private final byte[] pattern;
  private final CompletableFuture<Long> result = new CompletableFuture<>();
  private final AtomicLong removed = new AtomicLong();
  private final long startNanos = System.nanoTime();
  private volatile boolean begun;

  PatternRemoval(SweepClient client, byte[] pattern) {
    this.client = client;
    this.pattern = pattern;
  }

  CompletionStage<Long> result() {
    return result;
  }

  void start() {
    pass(1);
  }

  /** Ends the removal because the store is closed; some keys may have been removed. */
  void close() {
    Reason reason = begun ? Reason.INTERRUPTED : Reason.CLOSED;
    result.completeExceptionally(
        new StoreException(reason, "SCAN: the store has been closed", null));
  }

  private void pass(int number) {
    sweepPrimaries()
        .whenComplete(
            (done, failure) -> {
              if (failure == null) {
                result.complete(removed.get());
              } else {
                passFailed(number, Stages.unwrapped(failure));
              }
            });
  }

  private CompletionStage<?> sweepPrimaries() {
    try {
      return client.primaries().thenCompose(this::sweep);
    } catch (RuntimeException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  private CompletionStage<?> sweep(List<RedisURI> primaries) {
    List<CompletableFuture<BitSet>> slots =
        primaries.stream()
            .map(primary -> new Sweep(client, primary, pattern, this).start())
            .toList();
    return Stages.all(slots.stream()).thenAccept(done -> checkCoverage(slots));
  }

  private void checkCoverage(List<CompletableFuture<BitSet>> slots) {
    BitSet covered = new BitSet();
    slots.forEach(sweep -> covered.or(sweep.join()));
    if (client.isCluster() && covered.cardinality() < PrimaryState.ALL_SLOTS) {
      throw PrimaryState.disturbed("the primaries did not own all slots");
    }
  }

  private void passFailed(int number, Throwable failure) {
    boolean again = begun && number < MAX_PASSES && ConnectFailures.isTransient(failure);
    if (again && !isOver() && !client.isClosed()) {
      client.later(() -> pass(number + 1), PAUSE.createDelay(number));
    } else {
      result.completeExceptionally(failed(number, failure));
    }
  }

  private StoreException failed(int passes, Throwable failure) {
    StoreException cause = CommandFailures.of("SCAN", failure, begun, client.isClosed());
    boolean some = begun && cause.reason() == Reason.DISCONNECTED;
    return new StoreException(
        some ? Reason.INTERRUPTED : cause.reason(),
        "removal by pattern, %d keys removed in %d passes: %s"
            .formatted(removed.get(), passes, cause.getMessage()),
        cause);
  }

  @Override
  public void begun() {
    begun = true;
  }

  @Override
  public void removed(long keys) {
    removed.addAndGet(keys);
  }

  @Override
  public void checkGoingOn() {
    if (isOver()) {
      throw new StoreException(
          Reason.TIMED_OUT, "not done within " + LIMIT.toMinutes() + " min", null);
    }
  }

  private boolean isOver() {
    return result.isDone() || System.nanoTime() - startNanos > LIMIT.toNanos();
  }
}
