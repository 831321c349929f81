package io.cacheaside.redis;

import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.lettuce.core.RedisException;
import io.lettuce.core.protocol.CommandHandler;
import io.lettuce.core.protocol.CommandWrapper;
import io.lettuce.core.protocol.RedisCommand;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Guards one connection: bounds the commands that wait for an answer, fails them when the
 * connection ends, gives the connection up when nothing at all has been heard for too long while
 * commands wait, holds back what is over before it was written, and has the server watch the keys
 * of some reads. This is where nobody's command can come in between.
 *
 * <p>Lettuce has a bound of its own, but logs every command beyond it. It has no limit for silence:
 * after a cut that no packet tells of, the kernel would keep on retransmitting for minutes.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what comes of a write, its promise tells
final class ChannelGuard extends ChannelDuplexHandler {
  private final int maxWaiting;
  private final long maxSilenceNanos;
  private final Queue<RedisCommand<?, ?, ?>> waiting;
  private long silentSinceNanos;

  private ChannelGuard(Queue<RedisCommand<?, ?, ?>> waiting, int maxWaiting, Duration maxSilence) {
    this.waiting = waiting;
    this.maxWaiting = maxWaiting;
    this.maxSilenceNanos = maxSilence.toNanos();
  }

  /**
   * Adds a guard behind Lettuce's handlers, where it is the first to see what is written, and an
   * end in front of them, where it is the first to see that the connection has ended.
   */
  static void install(Channel channel, int maxWaiting, Duration maxSilence) {
    ChannelHandlerContext replies = channel.pipeline().context(CommandHandler.class);
    Queue<RedisCommand<?, ?, ?>> waiting = ((CommandHandler) replies.handler()).getStack();
    channel.pipeline().addBefore(replies.name(), null, new End(waiting));
    channel.pipeline().addLast(new ChannelGuard(waiting, maxWaiting, maxSilence));
  }

  /**
   * Fails the commands that wait for an answer when their connection ends. Lettuce 6.6 would send
   * them again over the next one.
   */
  private static final class End extends ChannelInboundHandlerAdapter {
    private final Queue<RedisCommand<?, ?, ?>> waiting;

    End(Queue<RedisCommand<?, ?, ?>> waiting) {
      this.waiting = waiting;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      try {
        RedisException ended = new RedisException("the connection has ended");
        List.copyOf(waiting).forEach(command -> command.completeExceptionally(ended));
      } finally {
        context.fireChannelInactive();
      }
    }
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (!(message instanceof RedisCommand<?, ?, ?> command)) {
      context.write(message, promise);
      return;
    }
    StateCommand watched = watched(command);
    if (isOver(command)) {
      end(command, new CancellationException("over before it was written"), promise);
    } else if (isSilentForTooLong()) {
      reject(command, Reason.DISCONNECTED, "the connection was given up: no sign of life", promise);
      context.close();
    } else if (waiting.size() + (watched == null ? 1 : 2) > maxWaiting) {
      reject(command, Reason.OVERLOADED, maxWaiting + " commands wait for an answer", promise);
    } else {
      if (watched != null) {
        context.write(watched.caching());
      }
      context.write(message, promise);
    }
  }

  /**
   * Returns whether a command has ended: it was not written in time, or is to be written again
   * because the answer, which came too late, has sent it to another node. What Lettuce has wrapped
   * it in does not know.
   */
  private static boolean isOver(RedisCommand<?, ?, ?> command) {
    Command<?> own = CommandWrapper.unwrap(command, Command.class);
    return own != null && own.isDone();
  }

  /** Returns a read that is to be watched, for which another command goes before it; else null. */
  private static @Nullable StateCommand watched(RedisCommand<?, ?, ?> command) {
    StateCommand read = CommandWrapper.unwrap(command, StateCommand.class);
    return read != null && read.isWatched() ? read : null;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    silentSinceNanos = System.nanoTime();
    context.fireChannelReadComplete();
  }

  private boolean isSilentForTooLong() {
    long now = System.nanoTime();
    if (waiting.isEmpty()) {
      silentSinceNanos = now;
    }
    return now - silentSinceNanos > maxSilenceNanos;
  }

  private static void reject(
      RedisCommand<?, ?, ?> command, Reason reason, String why, ChannelPromise promise) {
    end(command, new StoreException(reason, command.getType() + ": " + why, null), promise);
  }

  private static void end(RedisCommand<?, ?, ?> command, Throwable cause, ChannelPromise promise) {
    command.completeExceptionally(cause);
    promise.trySuccess();
  }
}
