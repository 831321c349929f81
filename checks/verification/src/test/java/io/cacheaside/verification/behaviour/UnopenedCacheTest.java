package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.CacheAside;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.ChangeListener;
import io.cacheaside.store.Store;
import io.cacheaside.testkit.ForwardingStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A cache that could not be built, or not be closed without failures. */
@InMemoryOnly
class UnopenedCacheTest extends CacheTest {
  private final List<ExecutorService> threads = new ArrayList<>();

  /** An environment that remembers the threads it was asked for. */
  private final class Remembering extends ForwardingEnvironment {
    private final RuntimeException failure;

    Remembering(RuntimeException failure) {
      this.failure = failure;
    }

    @Override
    public ExecutorService newBackgroundThreads(String cacheName) {
      ExecutorService created =
          new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>()) {
            @Override
            public void shutdown() {
              super.shutdown();
              throw failure;
            }
          };
      threads.add(created);
      return created;
    }
  }

  private static final class Unwatchable extends ForwardingStore {
    private final RuntimeException failure;
    private final boolean opens;

    Unwatchable(Store store, RuntimeException failure, boolean opens) {
      super(store);
      this.failure = failure;
      this.opens = opens;
    }

    @Override
    public boolean watch(ChangeListener listener, Duration maxLag) {
      if (!opens) {
        throw failure;
      }
      return super.watch(listener, maxLag);
    }

    @Override
    public void unwatch(ChangeListener listener) {
      super.unwatch(listener);
      throw failure;
    }
  }

  private CacheAside<String, String> build(
      RuntimeException ofThreads, RuntimeException ofStore, boolean opens) {
    return CacheAside.builder(name, Codec.string())
        .store(new Unwatchable(store(), ofStore, opens))
        .environment(new Remembering(ofThreads))
        .build();
  }

  @Test
  void leavesNoThreadsBehind() {
    IllegalStateException first = new IllegalStateException("not watched");
    IllegalStateException later = new IllegalStateException("not shut down");

    assertThatThrownBy(() -> build(later, first, false))
        .isSameAs(first)
        .hasSuppressedException(later);

    assertThat(threads).hasSize(1).allMatch(ExecutorService::isShutdown);
  }

  @Test
  void theFirstFailureOfTheEndNamesTheOthers() {
    IllegalStateException first = new IllegalStateException("not shut down");
    IllegalStateException later = new IllegalStateException("still watched");
    CacheAside<String, String> cache = build(first, later, true);

    assertThatThrownBy(cache::close).isSameAs(first).hasSuppressedException(later);
  }

  @Test
  void oneFailureOfTwoStepsIsThrownOnce() {
    IllegalStateException same = new IllegalStateException("neither");
    CacheAside<String, String> cache = build(same, same, true);

    assertThatThrownBy(cache::close).isSameAs(same).hasNoSuppressedExceptions();
  }
}
