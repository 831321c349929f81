package io.cacheaside.examples.demo;

import io.cacheaside.CacheAside;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** The callers of one JVM in a stampede: they ask one cache for one key at the same moment. */
final class Callers implements AutoCloseable {
  static final int COUNT = 100;

  private static final long PATIENCE_SECONDS = 60;

  private final CountDownLatch atTheGate = new CountDownLatch(COUNT);
  private final CountDownLatch gate = new CountDownLatch(1);
  private final Crew crew = new Crew(COUNT);
  private final CacheAside<String, Long> cache;
  private final Catalogue catalogue;

  Callers(CacheAside<String, Long> cache, Catalogue catalogue) {
    this.cache = cache;
    this.catalogue = catalogue;
  }

  /** What the callers of one JVM were told: how many of them got which answer. */
  record Answers(long answer, long count) {
    static Answers parse(String line) {
      String[] parts = line.split(" ", 2);
      return new Answers(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
    }

    @Override
    public String toString() {
      return answer + " " + count;
    }
  }

  /** Starts the callers; returns when all stand at the gate. */
  List<Future<Long>> assemble() throws InterruptedException {
    List<Future<Long>> calls = Stream.generate(() -> crew.start(this::call)).limit(COUNT).toList();
    atTheGate.await();
    return calls;
  }

  private Long call() throws InterruptedException {
    atTheGate.countDown();
    gate.await();
    return ask();
  }

  private Long ask() {
    // snippet
    Long answer = cache.get("agreeing", key -> catalogue.agreeingReviews()); // a slow query
    // end
    return Objects.requireNonNull(answer);
  }

  /** Opens the gate and waits for the answers. */
  Answers release(List<Future<Long>> calls)
      throws InterruptedException, ExecutionException, TimeoutException {
    gate.countDown();
    long first = calls.get(0).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    long same = 0;
    for (Future<Long> call : calls) {
      same += call.get(PATIENCE_SECONDS, TimeUnit.SECONDS) == first ? 1 : 0;
    }
    return new Answers(first, same);
  }

  @Override
  public void close() {
    crew.close();
  }
}
