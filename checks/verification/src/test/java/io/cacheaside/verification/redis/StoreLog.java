package io.cacheaside.verification.redis;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.cacheaside.redis.RedisStore;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/** Keeps the warnings of Redis stores while it is open. */
final class StoreLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final Logger logger = (Logger) LoggerFactory.getLogger(RedisStore.class);
  private final Queue<ILoggingEvent> records = new ConcurrentLinkedQueue<>();

  private StoreLog() {}

  static StoreLog open() {
    StoreLog log = new StoreLog();
    log.start();
    log.logger.setLevel(Level.WARN);
    log.logger.setAdditive(false);
    log.logger.addAppender(log);
    return log;
  }

  @Override
  protected void append(ILoggingEvent record) {
    records.add(record);
  }

  /** Returns the warnings that contain a text. */
  List<String> with(String text) {
    return records.stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(message -> message.contains(text))
        .toList();
  }

  @Override
  public void close() {
    logger.detachAppender(this);
    logger.setAdditive(true);
    logger.setLevel(null);
  }
}
