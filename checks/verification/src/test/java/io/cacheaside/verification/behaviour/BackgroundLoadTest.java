package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.AsyncLoader;
import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.ContextPropagation;
import io.cacheaside.EarlyRefresh;
import io.cacheaside.ReadOptions;
import io.cacheaside.micrometer.MicrometerContext;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshotFactory;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** Where blocking loaders run for which no caller lends its thread, and what they know of one. */
@OnEveryStore
@Only(Face.SYNC)
@Tag("races")
class BackgroundLoadTest extends CacheTest {
  private static final ThreadLocal<String> TENANT = new ThreadLocal<>();

  private CacheAsideBuilder<String, String> refreshing() {
    return builder().staleWhileRevalidate(Duration.ofHours(1));
  }

  private void stale(CacheAside<String, String> cache, String... keys) {
    for (String key : keys) {
      cache.put(key, "old");
      cache.markStale(key);
    }
  }

  /** Returns what the loader of a refresh finds. */
  private <T> T inRefresh(CacheAside<String, String> cache, Supplier<T> look) throws Exception {
    stale(cache, "k");
    CompletableFuture<T> found = new CompletableFuture<>();
    assertThat(
            cache.get(
                "k",
                key -> {
                  found.complete(look.get());
                  return "new";
                }))
        .isEqualTo("old");
    return found.get(Callers.DEADLINE.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void aRefreshRunsNeitherOnTheCommonPoolNorOnTheExecutor() throws Exception {
    CacheAside<String, String> cache = open(refreshing().executor(ForkJoinPool.commonPool()));

    Thread thread = inRefresh(cache, Thread::currentThread);

    assertThat(thread).isNotInstanceOf(ForkJoinWorkerThread.class);
    assertThat(thread.getName()).startsWith("cache-aside-" + name);
    assertThat(thread.isDaemon()).isTrue();
  }

  @Test
  void theThreadsOfRefreshesEndWithTheCache() throws Exception {
    CacheAside<String, String> cache = open(refreshing());
    Thread thread = inRefresh(cache, Thread::currentThread);

    cache.close();

    thread.join(Callers.DEADLINE.toMillis());
    assertThat(thread.isAlive()).isFalse();
  }

  /** The executor has one thread, which asynchronous hits need. */
  @Test
  void aRefreshDelaysNoHitOfAnotherKey() throws Exception {
    ExecutorService only = Executors.newSingleThreadExecutor(CacheTest::step);
    CacheAside<String, String> cache = open(refreshing().executor(only));
    cache.put("other", "v");
    stale(cache, "k");
    CountDownLatch end = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    cache.get(
        "k",
        key -> {
          begun.countDown();
          end.await();
          return "new";
        });
    assertThat(begun.await(Callers.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    AsyncLoader<String, String> none = key -> AsyncFace.elsewhere(() -> notLoaded(key));

    assertThat(cache.async().get("other", none).get(10, TimeUnit.SECONDS)).isEqualTo("v");

    end.countDown();
    only.shutdown();
  }

  @Test
  void aRefreshHasTheMdcAndTheContextClassLoaderOfItsReader() throws Exception {
    CacheAside<String, String> cache = open(refreshing());
    Thread reader = Thread.currentThread();
    ClassLoader before = reader.getContextClassLoader();
    try (URLClassLoader application = new URLClassLoader(new URL[0], before)) {
      reader.setContextClassLoader(application);
      MDC.put("request", "7");

      List<Object> found =
          inRefresh(
              cache,
              () -> List.of(Thread.currentThread().getContextClassLoader(), MDC.get("request")));

      assertThat(found).containsExactly(application, "7");
    } finally {
      MDC.remove("request");
      reader.setContextClassLoader(before);
    }
  }

  /** A thread is given back as it was taken. */
  @Test
  void theThreadOfALoaderExecutorKeepsItsOwnContext() throws Exception {
    ExecutorService only = Executors.newSingleThreadExecutor(CacheTest::step);
    ClassLoader own = only.submit(() -> Thread.currentThread().getContextClassLoader()).get();
    CacheAside<String, String> cache =
        open(refreshing().loaderExecutor(only).contextPropagation(tenant()));
    Thread reader = Thread.currentThread();
    try (URLClassLoader application = new URLClassLoader(new URL[0], own)) {
      reader.setContextClassLoader(application);
      TENANT.set("t");
      assertThat(inRefresh(cache, () -> Thread.currentThread().getContextClassLoader()))
          .isSameAs(application);
    } finally {
      reader.setContextClassLoader(own);
      TENANT.remove();
    }

    assertThat(only.submit(() -> Thread.currentThread().getContextClassLoader()).get())
        .isSameAs(own);
    assertThat(only.submit(TENANT::get).get()).isNull();
    only.shutdown();
  }

  private static ContextPropagation tenant() {
    return () -> {
      String captured = TENANT.get();
      return task ->
          () -> {
            TENANT.set(captured);
            try {
              task.run();
            } finally {
              TENANT.remove();
            }
          };
    };
  }

  @Test
  void furtherContextGoesAlong() throws Exception {
    CacheAside<String, String> cache = open(refreshing().contextPropagation(tenant()));
    TENANT.set("t1");
    try {
      assertThat(inRefresh(cache, TENANT::get)).isEqualTo("t1");
    } finally {
      TENANT.remove();
    }
  }

  @Test
  void allThatMicrometerKnowsGoesAlong() throws Exception {
    ContextRegistry registry = new ContextRegistry();
    registry.registerThreadLocalAccessor("tenant", TENANT);
    ContextSnapshotFactory factory =
        ContextSnapshotFactory.builder().contextRegistry(registry).clearMissing(true).build();
    CacheAside<String, String> cache =
        open(refreshing().contextPropagation(MicrometerContext.propagation(factory)));
    TENANT.set("t4");
    try {
      assertThat(inRefresh(cache, TENANT::get)).isEqualTo("t4");
    } finally {
      TENANT.remove();
    }
  }

  @Test
  void theGlobalRegistryOfMicrometerIsTheDefault() throws Exception {
    ContextRegistry.getInstance().registerThreadLocalAccessor(name, TENANT);
    CacheAside<String, String> cache =
        open(refreshing().contextPropagation(MicrometerContext.propagation()));
    TENANT.set("t5");
    try {
      assertThat(inRefresh(cache, TENANT::get)).isEqualTo("t5");
    } finally {
      TENANT.remove();
      ContextRegistry.getInstance().removeThreadLocalAccessor(name);
    }
  }

  @Test
  void soItDoesToARefreshOfSeveralKeysAndToAnEarlyOne() throws Exception {
    Queue<String> tenants = new ConcurrentLinkedQueue<>();
    CacheAside<String, String> cache =
        open(refreshing().earlyRefresh(EarlyRefresh.after(0.5)).contextPropagation(tenant()));
    stale(cache, "a", "b");
    TENANT.set("t2");
    try {
      cache.getAll(
          List.of("a", "b"),
          keys -> {
            tenants.add(TENANT.get());
            return Map.of("a", "new", "b", "new");
          });
      eventually(() -> assertThat(tenants).containsExactly("t2"));
    } finally {
      TENANT.remove();
    }
  }

  @Test
  void aCaptureThatThrowsCostsTheContextAlone() throws Exception {
    CacheAside<String, String> cache =
        open(
            refreshing()
                .contextPropagation(
                    () -> {
                      throw new IllegalStateException("no context");
                    }));

    assertThat(inRefresh(cache, () -> "loaded")).isEqualTo("loaded");
  }

  @Test
  void aLoaderExecutorHasTheContextOfItsCaller() {
    ExecutorService loaders = Executors.newCachedThreadPool(CacheTest::step);
    CacheAside<String, String> cache =
        open(builder().loaderExecutor(loaders).contextPropagation(tenant()));
    TENANT.set("t3");
    try {
      assertThat(cache.get("k", ReadOptions.defaults(), key -> TENANT.get())).isEqualTo("t3");
    } finally {
      TENANT.remove();
      loaders.shutdown();
    }
  }
}
