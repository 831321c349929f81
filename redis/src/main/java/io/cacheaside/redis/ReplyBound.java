package io.cacheaside.redis;

import io.lettuce.core.protocol.CommandHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a connection up over which a string begins to arrive that is longer than any state may be.
 * Lettuce would collect it in memory, with nothing to stop it, and every other reply would wait.
 *
 * <p>Reads ask for a limited range, so this is about replies that have no such limit: those of MGET
 * and of SET with GET. Follows the frames of <a
 * href="https://redis.io/docs/latest/develop/reference/protocol-spec/">RESP</a>, and looks at
 * nothing but the lengths of strings. Used by the event loop of one channel.
 */
final class ReplyBound extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger("io.cacheaside.redis.RedisStore");

  /** Longer than what servers say about themselves and their cluster. */
  private static final int MIN_BYTES = 16 << 20;

  private static final int LINE_END = 2;

  private final StateLimit limit;
  private long toSkip; // of a string that has begun to arrive
  private boolean inLine;
  private boolean isLength;
  private long length;
  private boolean givenUp;

  private ReplyBound(StateLimit limit) {
    this.limit = limit;
  }

  /** Adds a bound in front of Lettuce's handler of replies, behind that of TLS. */
  static void install(Channel channel, StateLimit limit) {
    ChannelHandlerContext replies = channel.pipeline().context(CommandHandler.class);
    channel.pipeline().addBefore(replies.name(), null, new ReplyBound(limit));
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (givenUp || (message instanceof ByteBuf bytes && isTooLong(bytes))) {
      ReferenceCountUtil.release(message);
      giveUp(context);
    } else {
      context.fireChannelRead(message);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for it
  private void giveUp(ChannelHandlerContext context) {
    if (!givenUp) {
      givenUp = true;
      limit.exceeded();
      LOG.warn(
          "{} sent a string of {} bytes; no entry has more than {}. The connection is closed."
              + " Another program may write below the prefix of this store",
          context.channel().remoteAddress(),
          length,
          limit.maxBytes());
      context.close();
    }
  }

  private boolean isTooLong(ByteBuf bytes) {
    int index = bytes.readerIndex();
    int end = bytes.writerIndex();
    while (index < end) {
      if (toSkip > 0) {
        long skipped = Math.min(toSkip, end - index);
        toSkip -= skipped;
        index += (int) skipped;
      } else if (lineEnds(bytes.getByte(index++)) && isLength) {
        if (length > Math.max(limit.maxBytes() + 1L, MIN_BYTES)) {
          return true;
        }
        toSkip = length < 0 ? 0 : length + LINE_END;
      }
    }
    return false;
  }

  /** Takes the next byte of a line, and returns whether it was the last one. */
  private boolean lineEnds(byte next) {
    if (!inLine) {
      inLine = true;
      isLength = next == '$' || next == '=' || next == '!';
      length = 0;
    } else if (next == '\n') {
      inLine = false;
      return true;
    } else if (isLength && next == '-') {
      length = -1; // a string that is not there
    } else if (isLength && length >= 0 && next >= '0' && next <= '9') {
      length = Math.min(length * 10 + next - '0', Integer.MAX_VALUE);
    }
    return false;
  }
}
