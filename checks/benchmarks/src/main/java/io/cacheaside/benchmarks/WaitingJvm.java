package io.cacheaside.benchmarks;

import io.cacheaside.CacheAside;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import io.lettuce.core.RedisClient;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * A JVM with callers that wait for a load in another one: {@link #main} is its side, an instance is
 * the other's. They talk over its standard streams.
 *
 * <p>The times of both are compared, which needs a clock that all processes of a machine share. On
 * Linux {@link System#nanoTime()} is one; that it is, is checked with every answer.
 */
final class WaitingJvm implements AutoCloseable {
  static final String CHANNEL = "wake";

  private final Process process;
  private final BufferedReader output;
  private final BufferedWriter input;
  private long askedNanos;

  private WaitingJvm(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.US_ASCII);
    this.input = process.outputWriter(StandardCharsets.US_ASCII);
  }

  /** What its callers wait for. */
  enum Wait {
    /** The value of a cache. */
    VALUE,
    /** Nothing but a message of the server, which is what the machine allows. */
    MESSAGE
  }

  static WaitingJvm start(String redisUri, Wait wait) throws IOException {
    return new WaitingJvm(Jvm.other(WaitingJvm.class, redisUri, wait.name()).start());
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
    try (Waited waited =
            Wait.valueOf(args[1]) == Wait.VALUE ? new Value(args[0]) : new Message(args[0]);
        BufferedReader keys =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
      for (String key = keys.readLine(); key != null; key = keys.readLine()) {
        System.out.println(wait(key, waited, callers));
      }
    } finally {
      callers.shutdownNow();
    }
  }

  private static String wait(String key, Waited waited, ExecutorService callers)
      throws InterruptedException, ExecutionException {
    waited.expect(key);
    List<Future<Long>> returns = new ArrayList<>();
    for (int i = 0; i < Wake.WAITERS_EACH; i++) {
      returns.add(
          callers.submit(
              () -> {
                waited.await(key);
                return System.nanoTime();
              }));
    }
    while (waited.waiting() < Wake.WAITERS_EACH) {
      Thread.sleep(1);
    }
    System.out.println(System.nanoTime());
    List<Long> nanos = new ArrayList<>();
    for (Future<Long> each : returns) {
      nanos.add(each.get());
    }
    return nanos.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  /** What callers wait for, one key after the other. */
  private interface Waited extends AutoCloseable {
    void expect(String key);

    void await(String key);

    /** Returns how many callers wait for the key that is expected. */
    long waiting();

    @Override
    void close();
  }

  private static final class Value implements Waited {
    private final RedisStore store;
    private final CacheAside<String, String> cache;
    private long missesBefore;

    Value(String redisUri) {
      store = Ours.store(redisUri);
      cache = cacheOn(store);
    }

    @Override
    public void expect(String key) {
      missesBefore = cache.stats().misses();
    }

    @Override
    public void await(String key) {
      String value = cache.get(key, k -> "loaded twice");
      if (!Objects.equals(value, "value of " + key)) {
        throw new IllegalStateException(key + " is " + value);
      }
    }

    @Override
    public long waiting() {
      return cache.stats().misses() - missesBefore;
    }

    @Override
    public void close() {
      cache.close();
      store.close();
    }
  }

  private static final class Message implements Waited {
    private final RedisClient client;
    private final StatefulRedisPubSubConnection<String, String> connection;
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile CompletableFuture<String> message = new CompletableFuture<>();

    Message(String redisUri) {
      client = RedisClient.create(redisUri);
      connection = client.connectPubSub();
      connection.addListener(
          new RedisPubSubAdapter<>() {
            @Override
            public void message(String channel, String key) {
              message.complete(key);
            }
          });
      connection.sync().subscribe(CHANNEL);
    }

    @Override
    public void expect(String key) {
      message = new CompletableFuture<>();
      waiting.set(0);
    }

    @Override
    public void await(String key) {
      CompletableFuture<String> expected = message;
      waiting.incrementAndGet();
      if (!expected.join().equals(key)) {
        throw new IllegalStateException("a message for another key than " + key);
      }
    }

    @Override
    public long waiting() {
      return waiting.get();
    }

    @Override
    public void close() {
      connection.close();
      client.shutdown();
    }
  }
}
