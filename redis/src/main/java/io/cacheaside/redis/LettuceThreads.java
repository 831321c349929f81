package io.cacheaside.redis;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.event.DefaultEventPublisherOptions;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.util.HashedWheelTimer;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that a store's connections run on: its own, which are daemons and end with it, or an
 * application's, which are left alone.
 *
 * <p>What Lettuce calls resources is more than threads: the delay between attempts to connect and
 * the handlers of a connection are in there, too. So the connections get resources of their own on
 * the same threads. (Lettuce's {@code mutate()} would start new I/O threads.)
 */
final class LettuceThreads implements AutoCloseable {
  /**
   * How long to wait before connecting again: random, growing to one second. (Of Lettuce's other
   * jitters, one overflows at the 61st attempt and has no delay from then on.)
   */
  static final Delay RECONNECT_DELAY =
      Delay.fullJitter(Duration.ofMillis(10), Duration.ofSeconds(1), 10, TimeUnit.MILLISECONDS);

  private static final Logger LOG = LoggerFactory.getLogger("io.cacheaside.redis.RedisStore");
  private static final int MAX_IO_THREADS = 4;
  private static final Duration TIMER_RESOLUTION = Duration.ofMillis(20);
  private static final Duration SHUTDOWN_LIMIT = Duration.ofSeconds(1);

  private final ClientResources threads;
  private final StateLimit limit = new StateLimit();
  private final @Nullable HashedWheelTimer ownTimer;
  private final ClientResources forOperations;
  private final ClientResources forSweeps;

  LettuceThreads(RedisSettings settings) {
    ClientResources shared = settings.clientResources();
    if (shared == null) {
      ownTimer = newTimer();
      threads = newThreads(ownTimer);
    } else {
      ownTimer = null;
      threads = shared;
    }
    forOperations = resources(settings.requestQueueSize(), settings.connectTimeout(), limit);
    forSweeps = resources(Integer.MAX_VALUE, settings.connectTimeout(), null);
  }

  private static HashedWheelTimer newTimer() {
    return new HashedWheelTimer(
        new DefaultThreadFactory("cache-aside-redis-timer", true),
        TIMER_RESOLUTION.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  private static ClientResources newThreads(HashedWheelTimer timer) {
    int processors = Runtime.getRuntime().availableProcessors();
    return DefaultClientResources.builder()
        .ioThreadPoolSize(
            Math.max(DefaultClientResources.MIN_IO_THREADS, Math.min(MAX_IO_THREADS, processors)))
        .computationThreadPoolSize(DefaultClientResources.MIN_COMPUTATION_THREADS)
        .commandLatencyRecorder(CommandLatencyRecorder.disabled())
        .timer(timer)
        .build();
  }

  private ClientResources resources(
      int maxWaiting, Duration maxSilence, @Nullable StateLimit limit) {
    return DefaultClientResources.builder()
        .addressResolverGroup(threads.addressResolverGroup())
        .commandLatencyRecorder(threads.commandLatencyRecorder())
        .commandLatencyPublisherOptions(DefaultEventPublisherOptions.disabled())
        .eventBus(threads.eventBus())
        .eventExecutorGroup(threads.eventExecutorGroup())
        .eventLoopGroupProvider(threads.eventLoopGroupProvider())
        .nettyCustomizer(new Pipeline(threads.nettyCustomizer(), maxWaiting, maxSilence, limit))
        .reconnectDelay(RECONNECT_DELAY)
        .socketAddressResolver(threads.socketAddressResolver())
        .timer(threads.timer())
        .tracing(threads.tracing())
        .build();
  }

  /** Returns how long the states may be that the connections for operations receive. */
  StateLimit limit() {
    return limit;
  }

  /** Returns the resources for the connections that operations travel on. */
  ClientResources forOperations() {
    return forOperations;
  }

  /** Returns the resources for connections whose users bound what they send themselves. */
  ClientResources forSweeps() {
    return forSweeps;
  }

  /** Runs an action later, on none of the I/O threads; not at all once the threads have ended. */
  @SuppressWarnings("FutureReturnValueIgnored") // never cancelled
  void schedule(Runnable action, Duration delay) {
    if (!threads.eventExecutorGroup().isShuttingDown()) {
      threads.eventExecutorGroup().schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** Runs an action soon, on none of the I/O threads; here if the threads have ended. */
  void execute(Runnable action) {
    if (threads.eventExecutorGroup().isShuttingDown()) {
      action.run();
    } else {
      threads.eventExecutorGroup().execute(action);
    }
  }

  /**
   * Runs something quick later, on the thread of the timer, which nobody's code keeps busy; like
   * the rest if that takes no more, as an application's may. Returns whether it will be run: not
   * once the threads have ended.
   */
  boolean tick(Runnable action, Duration delay) {
    if (threads.eventExecutorGroup().isShuttingDown()) {
      return false;
    }
    try {
      threads.timer().newTimeout(due -> action.run(), delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (IllegalStateException | RejectedExecutionException refused) {
      schedule(action, delay);
    }
    return true;
  }

  /** Closes the connections of a client; waits for a bounded time. */
  static void shutdown(AbstractRedisClient client) {
    await(client.shutdownAsync(0, SHUTDOWN_LIMIT.toMillis(), TimeUnit.MILLISECONDS));
  }

  static void await(CompletableFuture<?> end) {
    try {
      end.get(SHUTDOWN_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("A connection did not close in time", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the threads if they are the store's own; waits for a bounded time. */
  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // no threads end with these two
  public void close() {
    forSweeps.shutdown();
    forOperations.shutdown();
    if (ownTimer != null) {
      Future<?> end = threads.shutdown(0, SHUTDOWN_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      end.awaitUninterruptibly(SHUTDOWN_LIMIT.toMillis());
      ownTimer.stop();
    }
  }

  /** Adds the handlers of a store to those that Lettuce and the application have added. */
  private record Pipeline(
      NettyCustomizer application, int maxWaiting, Duration maxSilence, @Nullable StateLimit limit)
      implements NettyCustomizer {
    @Override
    public void afterBootstrapInitialized(Bootstrap bootstrap) {
      application.afterBootstrapInitialized(bootstrap);
    }

    @Override
    public void afterChannelInitialized(Channel channel) {
      application.afterChannelInitialized(channel);
      channel.pipeline().addFirst(new FlushBatching());
      ChannelGuard.install(channel, maxWaiting, maxSilence);
      if (limit != null) {
        ReplyBound.install(channel, limit);
      }
    }
  }
}
