package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.store.Store;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.ForwardingStore;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * G4: a caller whose own thread runs the loader gets the value that it brings, however late.
 *
 * <p>At the load timeout those who joined go on, and a loader may have waited for one of them. Here
 * loaders return while their lease is given up, so that value and timeout arrive together.
 */
@InMemoryOnly
@Only(Face.SYNC)
@Tag("races")
class LateValueTest extends CacheTest {
  private static final Duration LOAD_TIMEOUT = Duration.ofSeconds(1);
  private static final int LOADS = 500;

  private final FakeTime time = new FakeTime();

  /** One that returns when the store is asked to take its lease back. */
  private static final class Loader {
    private final CountDownLatch begun = new CountDownLatch(1);
    private volatile boolean released;
    private volatile boolean returning;

    String load() {
      begun.countDown();
      while (!released && !Thread.currentThread().isInterrupted()) {
        Thread.onSpinWait();
      }
      returning = true;
      return "late";
    }

    void release() {
      released = true;
      while (!returning) {
        Thread.onSpinWait();
      }
    }
  }

  private static final class ReleasingStore extends ForwardingStore {
    private volatile Loader loader;

    ReleasingStore(Store delegate) {
      super(delegate);
    }

    @Override
    public CompletionStage<Boolean> remove(String key, byte[] stamp) {
      loader.release();
      return super.remove(key, stamp);
    }

    @Override
    public void close() {}
  }

  @Test
  void theLoadTimeoutDoesNotOvertakeIt() throws Exception {
    ReleasingStore store = new ReleasingStore(store());
    CacheAside<String, String> cache =
        open(builder().store(store).environment(time).loadTimeout(LOAD_TIMEOUT));
    for (int i = 0; i < LOADS; i++) {
      Loader loader = new Loader();
      store.loader = loader;
      String key = "k" + i;
      Call<String> load = callers.start(() -> cache.get(key, k -> loader.load()));
      loader.begun.await();

      time.advance(LOAD_TIMEOUT);

      assertThat(load.result()).isEqualTo("late");
    }
    assertThat(cache.stats().loadFailures()).isEqualTo(LOADS);
    assertThat(cache.stats().fills()).isZero();
  }
}
