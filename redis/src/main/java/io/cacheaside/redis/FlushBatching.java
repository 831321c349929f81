package io.cacheaside.redis;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.SingleThreadEventExecutor;

/**
 * Lets commands that are written at about the same time share a system call: a flush waits until
 * what the event loop has been given so far is done, as this may be to write more, or until what
 * has arrived is read. A command that has the event loop to itself is flushed at once.
 *
 * <p>Does what Netty's {@code FlushConsolidationHandler} does with a task for each flush. Used by
 * the event loop of one channel.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what ends a promise goes on to the next handler
final class FlushBatching extends ChannelDuplexHandler {
  private static final int MAX_COMMANDS = 256;

  private int waiting; // flushes that have not gone on
  private boolean reading;
  private boolean scheduled;

  @Override
  public void flush(ChannelHandlerContext context) {
    waiting++;
    if (waiting >= MAX_COMMANDS) {
      flushNow(context);
    } else if (!reading && !scheduled) {
      flushSoon(context);
    }
  }

  private void flushSoon(ChannelHandlerContext context) {
    if (isLast(context)) {
      flushNow(context);
    } else {
      scheduled = true;
      context.executor().execute(() -> flushAfterOthers(context));
    }
  }

  /** Returns whether the event loop has nothing else to do. */
  private static boolean isLast(ChannelHandlerContext context) {
    return context.executor() instanceof SingleThreadEventExecutor loop && loop.pendingTasks() == 0;
  }

  private void flushAfterOthers(ChannelHandlerContext context) {
    scheduled = false;
    if (!reading) {
      flushWaiting(context);
    }
  }

  private void flushWaiting(ChannelHandlerContext context) {
    if (waiting > 0) {
      flushNow(context);
    }
  }

  private void flushNow(ChannelHandlerContext context) {
    waiting = 0;
    context.flush();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    reading = true;
    context.fireChannelRead(message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    endRead(context);
    context.fireChannelReadComplete();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    endRead(context);
    context.fireExceptionCaught(cause);
  }

  private void endRead(ChannelHandlerContext context) {
    reading = false;
    flushWaiting(context);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (!context.channel().isWritable()) {
      flushWaiting(context);
    }
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void disconnect(ChannelHandlerContext context, ChannelPromise promise) {
    endRead(context);
    context.disconnect(promise);
  }

  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    endRead(context);
    context.close(promise);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    flushWaiting(context);
  }
}
