package io.cacheaside.benchmarks;

import io.cacheaside.CacheAside;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/**
 * A JVM with callers that wait for a load in another one: {@link #main} is its side, an instance is
 * the other's. They talk over its standard streams.
 *
 * <p>The times of both are compared, which needs a clock that all processes of a machine share. On
 * Linux {@link System#nanoTime()} is one; that it is, is checked with every answer.
 */
final class WaitingJvm implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;
  private final BufferedWriter input;
  private long askedNanos;

  private WaitingJvm(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.US_ASCII);
    this.input = process.outputWriter(StandardCharsets.US_ASCII);
  }

  static WaitingJvm start(String redisUri) throws IOException {
    return new WaitingJvm(Jvm.other(WaitingJvm.class, redisUri).start());
  }

  static CacheAside<String, String> cacheOn(RedisStore store) {
    return CacheAside.builder("users", Codec.string()).store(store).build();
  }

  /** Lets its callers ask for a key. */
  void waitFor(String key) throws IOException {
    askedNanos = System.nanoTime();
    input.append(key).append('\n').flush();
  }

  /** Waits until all its callers have seen that somebody else loads. */
  void awaitWaiting() throws IOException {
    long itsNanos = Long.parseLong(answer());
    if (itsNanos < askedNanos || itsNanos > System.nanoTime()) {
      throw new IllegalStateException("the processes of this machine do not share a clock");
    }
  }

  /** Waits until all its callers have returned, and returns when they did. */
  List<Long> returns() throws IOException {
    return Arrays.stream(answer().split(",")).map(Long::valueOf).toList();
  }

  private String answer() throws IOException {
    return Objects.requireNonNull(output.readLine(), "a JVM with waiting callers has ended");
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  /** Lets callers wait for each key that comes in, until the input ends. */
  public static void main(String... args) throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(Wake.WAITERS_EACH);
    try (RedisStore store = RedisStore.connect(args[0]);
        CacheAside<String, String> cache = cacheOn(store);
        BufferedReader keys =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
      long seen = 0;
      for (String key = keys.readLine(); key != null; key = keys.readLine()) {
        seen += Wake.WAITERS_EACH;
        System.out.println(wait(key, cache, callers, seen));
      }
    } finally {
      callers.shutdownNow();
    }
  }

  private static String wait(
      String key, CacheAside<String, String> cache, ExecutorService callers, long misses)
      throws InterruptedException, ExecutionException {
    List<Future<Long>> returns = new ArrayList<>();
    for (int i = 0; i < Wake.WAITERS_EACH; i++) {
      returns.add(callers.submit(() -> call(key, cache)));
    }
    while (cache.stats().misses() < misses) {
      Thread.sleep(1);
    }
    System.out.println(System.nanoTime());
    List<Long> nanos = new ArrayList<>();
    for (Future<Long> each : returns) {
      nanos.add(each.get());
    }
    return nanos.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private static long call(String key, CacheAside<String, String> cache) {
    String value = cache.get(key, k -> "loaded twice");
    long nanos = System.nanoTime();
    if (!Objects.equals(value, "value of " + key)) {
      throw new IllegalStateException(key + " is " + value);
    }
    return nanos;
  }
}
