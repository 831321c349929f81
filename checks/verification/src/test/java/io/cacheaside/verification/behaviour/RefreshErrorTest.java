package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheListener;
import io.cacheaside.codec.Codec;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * G4: an {@code Error} in a refresh in the background is reported, because no caller gets to see
 * it, and the next read may refresh again.
 */
@OnEveryStore
class RefreshErrorTest extends CacheTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final Failing environment = new Failing();
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

  /** What the claim of a refresh asks its environment for. */
  enum Asked {
    /** The id of its lease, before it is asked for. */
    ID,
    /** The timer of the load, when the lease was granted. */
    TIMER,
    /** A thread for its loader, which the environment is not asked for. */
    THREAD
  }

  private static final class InjectedError extends VirtualMachineError {
    private static final long serialVersionUID = 1L;
  }

  /** Fails each time that it is asked for some things. */
  private static final class Failing extends ForwardingEnvironment {
    private volatile @Nullable Asked failing;
    private final AtomicInteger failed = new AtomicInteger();

    private void ask(Asked asked) {
      if (failing == asked) {
        failed.incrementAndGet();
        throw new InjectedError();
      }
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      ask(Asked.TIMER);
      return super.schedule(delay, task);
    }

    @Override
    public void uniqueBytes(byte[] target) {
      ask(Asked.ID);
      super.uniqueBytes(target);
    }
  }

  private CacheAside<String, String> withAnOldValue() {
    return withAnOldValue(task -> Callers.daemon(task).start());
  }

  private CacheAside<String, String> withAnOldValue(Executor loaders) {
    CacheListener<String> listener =
        new CacheListener<>() {
          @Override
          public void onLoadFailure(String key, Duration duration, Throwable failure) {
            failures.add(failure);
          }
        };
    CacheAside<String, String> cache =
        open(
            builder(Codec.string())
                .environment(environment)
                .listener(listener)
                .loaderExecutor(loaders)
                .staleWhileRevalidate(HOUR));
    cache.put("k", "old");
    cache.markStale("k");
    return cache;
  }

  private void assertReported(CacheAside<String, String> cache) {
    eventually(() -> assertThat(failures).isNotEmpty());
    assertThat(failures).allMatch(InjectedError.class::isInstance);
    assertThat(environment.failed).hasPositiveValue();
    assertThat(cache.stats().loadFailures()).isEqualTo(failures.size());
    environment.failing = null;
    eventually(() -> assertThat(cache.get("k", key -> "new")).isEqualTo("new"));
  }

  @ParameterizedTest
  @EnumSource(names = {"ID", "TIMER"})
  void inTheClaimOfOneKey(Asked asked) {
    CacheAside<String, String> cache = withAnOldValue();
    environment.failing = asked;

    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("old");

    assertReported(cache);
  }

  @ParameterizedTest
  @EnumSource(names = {"ID", "TIMER"})
  void inTheClaimsOfSeveral(Asked asked) {
    CacheAside<String, String> cache = withAnOldValue();
    environment.failing = asked;

    assertThat(cache.getAll(List.of("k"), keys -> BulkTest.itself(keys))).containsEntry("k", "old");

    assertReported(cache);
  }

  @Test
  void inTheStartOfAThread() {
    ExecutorService threads =
        Executors.newCachedThreadPool(
            task -> {
              environment.ask(Asked.THREAD);
              return Callers.daemon(task);
            });
    CacheAside<String, String> cache = withAnOldValue(threads);
    environment.failing = Asked.THREAD;

    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("old");

    assertReported(cache);
    threads.shutdown();
  }

  @Test
  void ofItsLoader() {
    CacheAside<String, String> cache = withAnOldValue();

    assertThat(
            cache.get(
                "k",
                key -> {
                  environment.failed.incrementAndGet();
                  throw new InjectedError();
                }))
        .isEqualTo("old");

    assertReported(cache);
  }
}
