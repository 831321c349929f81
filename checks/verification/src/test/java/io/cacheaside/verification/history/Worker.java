package io.cacheaside.verification.history;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.CacheHealth;
import io.cacheaside.CacheListener;
import io.cacheaside.NearCache;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.redis.RedisStoreBuilder;
import io.cacheaside.verification.processes.Jvm;
import io.cacheaside.verification.processes.Routes;
import io.lettuce.core.resource.ClientResources;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A process with a cache and threads that use it. It is told on its standard input to settle or to
 * stop, and answers each with a line. It ends at the latest when that input does.
 */
final class Worker implements CacheListener<String> {
  static final String SETTLE = "settle";
  static final String STOP = "stop";

  private static final int BLOCKING_CLIENTS = 3;
  private static final int ASYNC_CLIENTS = 2;
  private static final int AT_ONCE = 5;
  private static final Duration QUIET = Duration.ofMillis(300);
  private static final Duration END_LIMIT = Duration.ofSeconds(30);

  private final WorkerSettings settings;
  private final VersionedSource source;
  private final Journal journal;
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final List<Thread> clients = new ArrayList<>();
  private volatile long failedNanos = System.nanoTime();
  private volatile boolean ended;

  private Worker(WorkerSettings settings) {
    this.settings = settings;
    this.source = VersionedSource.in(settings.folder());
    this.journal =
        Journal.create(settings.folder(), settings.process(), settings.life(), settings.near());
  }

  /** Ends the JVM whatever happens, and whatever threads there are. */
  public static void main(String... arguments) {
    int status = 1;
    try {
      Jvm.endWithParent();
      new Worker(WorkerSettings.of(arguments)).work();
      status = 0;
    } catch (Throwable failure) {
      failure.printStackTrace();
    } finally {
      Runtime.getRuntime().halt(status);
    }
  }

  private void work() throws Exception {
    try (RedisStore store = connect();
        CacheAside<String, String> cache = cache(store);
        BufferedReader orders =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
      start(store, cache);
      obey(orders, cache);
    } finally {
      executor.shutdownNow();
    }
  }

  private RedisStore connect() {
    RedisStoreBuilder builder =
        RedisStore.builder()
            .uri(settings.uri())
            .commandTimeout(WorkerSettings.COMMAND_TIMEOUT)
            .connectTimeout(WorkerSettings.CONNECT_TIMEOUT)
            .clientResources(
                ClientResources.builder()
                    .ioThreadPoolSize(2)
                    .computationThreadPoolSize(2)
                    .socketAddressResolver(new Routes(settings.routes()))
                    .build());
    return settings.copies() == 0
        ? builder.connect()
        : builder
            .invalidationCopies(settings.copies())
            .copyTimeout(WorkerSettings.COPY_TIMEOUT)
            .connect();
  }

  private CacheAside<String, String> cache(RedisStore store) {
    CacheAsideBuilder<String, String> builder =
        CacheAside.builder("history", Codec.string())
            .store(store)
            .ttl(Duration.ofHours(1))
            .absentTtl(Duration.ofHours(1))
            .staleWhileRevalidate(Duration.ofHours(1))
            .tags(key -> List.of(tagOf(key)))
            .instantClear()
            .leaseTime(WorkerSettings.LEASE_TIME)
            .loadTimeout(WorkerSettings.LOAD_TIMEOUT)
            .listener(this);
    return settings.near()
        ? builder
            .nearCache(
                NearCache.ofEntries(100).maxStaleness(WorkerSettings.MAX_STALENESS).withAbsences())
            .build()
        : builder.build();
  }

  /** Of two keys one has the one tag, one the other. */
  static String tagOf(String key) {
    return VersionedSource.keyOf(key) % 2 == 0 ? "even" : "odd";
  }

  private void start(RedisStore store, CacheAside<String, String> cache) {
    SplittableRandom random =
        new SplittableRandom(settings.seed() + 31L * settings.process() + settings.life());
    Client.Tools tools = new Client.Tools(settings, store, cache, source, journal, () -> ended);
    Face blocking = new Face.Blocking(cache);
    Face async = new Face.Async(cache.async(), executor);
    if (settings.mix() != Mix.EVERYTHING) {
      start(new Client(0, blocking, 1, tools, random));
      return;
    }
    for (int i = 0; i < BLOCKING_CLIENTS; i++) {
      start(new Client(i, blocking, 1, tools, random.split()));
    }
    for (int i = BLOCKING_CLIENTS; i < BLOCKING_CLIENTS + ASYNC_CLIENTS; i++) {
      start(new Client(i, async, AT_ONCE, tools, random.split()));
    }
  }

  private void start(Client client) {
    Thread thread = new Thread(client, "client-" + clients.size());
    thread.setDaemon(true);
    clients.add(thread);
    thread.start();
  }

  private void obey(BufferedReader orders, CacheAside<String, String> cache)
      throws IOException, InterruptedException {
    answer();
    for (String order = orders.readLine(); order != null; order = orders.readLine()) {
      if (order.equals(STOP)) {
        stop();
        answer();
        return;
      }
      settle(cache);
      answer();
    }
    throw new EOFException("the other side has ended");
  }

  /** Answers with the time, so that the other side can check that it is on the same clock. */
  private static void answer() {
    System.out.println(System.nanoTime());
  }

  /** Waits until the store has been all right for a while, and what has an end is over. */
  private void settle(CacheAside<String, String> cache) throws InterruptedException {
    if (settings.mix() == Mix.WRITES) {
      for (Thread client : clients) {
        client.join();
      }
    }
    while (cache.health().status() != CacheHealth.Status.UP
        || System.nanoTime() - failedNanos < QUIET.toNanos()) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private void stop() throws InterruptedException {
    ended = true;
    long limitNanos = System.nanoTime() + END_LIMIT.toNanos();
    for (Thread client : clients) {
      TimeUnit.NANOSECONDS.timedJoin(client, Math.max(1, limitNanos - System.nanoTime()));
    }
  }

  @Override
  public void onStoreFailure(String operation, Throwable failure) {
    failedNanos = System.nanoTime();
    journal.note(Kind.STORE_FAILURE);
  }

  @Override
  public void onInvalidationReplayed(String what) {
    journal.note(Kind.REPLAY);
  }
}
