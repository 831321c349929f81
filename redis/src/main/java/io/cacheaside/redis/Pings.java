package io.cacheaside.redis;

import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Makes round trips to primaries, to see whether they answer. */
final class Pings {
  private final Deployment deployment;
  private final Link link;

  Pings(Deployment deployment, Link link) {
    this.deployment = deployment;
    this.link = link;
  }

  /** Makes one round trip to every primary; of several that fail one that hangs counts. */
  CompletionStage<@Nullable Void> all() {
    List<CompletableFuture<?>> pings = new ArrayList<>();
    try {
      deployment
          .primaries(link.connected())
          .forEach((node, primary) -> pings.add(ping(node, primary)));
    } catch (RuntimeException e) {
      pings.add(CompletableFuture.failedFuture(e));
    }
    return outcome(pings);
  }

  /** Makes one round trip to the primary with a name; to none if it is a primary no longer. */
  CompletionStage<@Nullable Void> one(String node) {
    CompletionStage<? extends StatefulConnection<String, byte[]>> primary;
    try {
      primary = deployment.primaries(link.connected()).get(node);
    } catch (RuntimeException e) {
      return outcome(List.of(CompletableFuture.failedFuture(e)));
    }
    return primary == null
        ? CompletableFuture.completedFuture(null)
        : outcome(List.of(ping(node, primary)));
  }

  private CompletionStage<@Nullable Void> outcome(List<CompletableFuture<?>> pings) {
    CompletableFuture<@Nullable Void> result = new CompletableFuture<>();
    Stages.all(pings.stream())
        .whenComplete(
            (done, failure) -> {
              if (failure == null) {
                result.complete(null);
              } else {
                result.completeExceptionally(worst(pings));
              }
            });
    return result;
  }

  private StoreException worst(List<CompletableFuture<?>> failed) {
    return failed.stream()
        .filter(CompletableFuture::isCompletedExceptionally)
        .map(ping -> ping.handle((answer, failure) -> Stages.unwrapped(failure)).join())
        .map(failure -> CommandFailures.of("PING", failure, false, link.isClosed()))
        .reduce((one, other) -> other.reason() == Reason.TIMED_OUT ? other : one)
        .orElseThrow();
  }

  /** The failure names the node, unless there is only one. */
  private CompletableFuture<?> ping(
      String node, CompletionStage<? extends StatefulConnection<String, byte[]>> primary) {
    CompletableFuture<@Nullable Void> result = new CompletableFuture<>();
    String named = deployment.isCluster() ? node : null;
    pingSoon(primary)
        .whenComplete(
            (pong, failure) -> {
              if (failure == null) {
                result.complete(null);
              } else {
                result.completeExceptionally(failed(Stages.unwrapped(failure), named));
              }
            });
    return result;
  }

  private StoreException failed(Throwable cause, @Nullable String node) {
    return cause instanceof StoreException known
        ? new StoreException(known.reason(), String.valueOf(known.getMessage()), known, node)
        : CommandFailures.of("PING", cause, false, link.isClosed(), node);
  }

  /** Does not wait for a connection that is just being made: nothing else is sent on it either. */
  private CompletionStage<?> pingSoon(
      CompletionStage<? extends StatefulConnection<String, byte[]>> primary) {
    return primary.toCompletableFuture().isDone()
        ? primary.thenCompose(this::pingOver)
        : CompletableFuture.failedStage(new IllegalStateException("not connected yet"));
  }

  private CompletionStage<?> pingOver(StatefulConnection<String, byte[]> primary) {
    Command<String> ping =
        new Command<>(link, CommandType.PING, new StatusOutput<>(link.codec()), null);
    primary.dispatch(ping);
    return ping.stage();
  }
}
