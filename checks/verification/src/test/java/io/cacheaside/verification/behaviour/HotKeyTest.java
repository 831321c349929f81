package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.ReadOptions;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Hold;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.testkit.ForwardingStore;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many who read one key at the same time ask the store for it together. */
@OnEveryStore
@Tag("races")
class HotKeyTest extends CacheTest {
  /** More reads of a key than these are never under way, however many want it. */
  private static final int AT_ONCE = 3;

  private static final int CROWD = 20;

  /** What reads ask the store for. */
  enum Asked {
    THE_STATE(Operation.READ),
    ITS_AGE_TOO(Operation.READ_TIMED);

    private final Operation operation;

    Asked(Operation operation) {
      this.operation = operation;
    }

    private CacheAsideBuilder<String, String> of(CacheAsideBuilder<String, String> builder) {
      return this == THE_STATE ? builder : builder.staleIfError(Duration.ofHours(1));
    }
  }

  private List<Call<String>> crowd(int count, CacheAside<String, String> cache) {
    List<Call<String>> calls = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      calls.add(callers.start(() -> cache.get("k", source::get)));
    }
    return calls;
  }

  private List<Call<String>> waitingCrowd(CacheAside<String, String> cache) {
    List<Call<String>> calls = crowd(CROWD, cache);
    awaitWaiting(cache, cache.stats().misses(), calls);
    return calls;
  }

  @ParameterizedTest
  @EnumSource
  void aCrowdSharesTheNextRead(Asked asked) throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(asked.of(builder().store(store)));
    cached(cache, "k", "v");
    store.resetCounts();
    Hold replies = store.every(asked.operation).of(stored("k")).holdReply();
    List<Call<String>> calls = waitingCrowd(cache);

    replies.awaitArrived(AT_ONCE);
    assertThat(store.count(asked.operation, stored("k"))).isEqualTo(AT_ONCE);
    store.heal();
    replies.release();

    assertThat(Callers.results(calls)).hasSize(CROWD).containsOnly("v");
    assertThat(store.count(asked.operation, stored("k"))).isEqualTo(AT_ONCE + 1);
  }

  @ParameterizedTest
  @EnumSource
  void nobodySharesAReadThatWasSentBeforeTheyCame(Asked asked) throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(asked.of(builder().store(store)));
    cached(cache, "k", "old");
    Hold replies = store.every(asked.operation).of(stored("k")).holdReply();
    List<Call<String>> before = crowd(AT_ONCE, cache);
    replies.awaitArrived(AT_ONCE);
    source.with("k", "new");
    cache.invalidate("k");
    List<Call<String>> after = waitingCrowd(cache);

    store.heal();
    replies.release();

    assertThat(Callers.results(before)).containsOnly("old");
    assertThat(Callers.results(after)).containsOnly("new");
    assertThat(source.reads("k")).isEqualTo(2);
  }

  @Test
  void whoWaitsForTheNextReadDoesNotWaitForASecondTimeout() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    cached(cache, "k", "v");
    Hold reads = store.every(Operation.READ).of(stored("k")).hold();
    List<Call<String>> calls = waitingCrowd(cache);
    reads.awaitArrived(AT_ONCE);
    store.resetCounts();

    reads.fail(Reason.TIMED_OUT);

    assertThat(Callers.results(calls)).containsOnly("v");
    assertThat(store.count(Operation.READ, stored("k"))).isZero();
  }

  /** Throws an error instead of a read, which comes from the thread that sends the next one. */
  private static final class Throwing extends ForwardingStore {
    private final AtomicBoolean throwsNext = new AtomicBoolean();

    Throwing(Store store) {
      super(store);
    }

    @Override
    public CompletionStage<byte @Nullable []> read(String key) {
      if (throwsNext.getAndSet(false)) {
        throw new OutOfMemoryError("no read");
      }
      return super.read(key);
    }
  }

  @Test
  void aNextReadThatCannotBeSentKeepsNobodyWaiting() throws Exception {
    FaultyStore faulty = faultyStore();
    Throwing store = new Throwing(faulty);
    CacheAside<String, String> cache = open(builder().store(store));
    cached(cache, "k", "v");
    Hold replies = faulty.every(Operation.READ).of(stored("k")).holdReply();
    List<Call<String>> calls = waitingCrowd(cache);
    replies.awaitArrived(AT_ONCE);
    store.throwsNext.set(true);

    faulty.heal();
    replies.release();

    assertThat(Callers.results(calls)).hasSize(CROWD).containsOnly("v");
    assertThat(store.throwsNext).isFalse();
    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("v");
  }

  @Test
  void aReadOfItsOwnKindIsSentAtOnce() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    cached(cache, "k", "v");
    Hold replies = store.every(Operation.READ).of(stored("k")).holdReply();
    List<Call<String>> calls = waitingCrowd(cache);

    assertThat(
            cache.get(
                "k", ReadOptions.defaults().maxAge(Duration.ofHours(1)), CacheTest::notLoaded))
        .isEqualTo("v");

    replies.release();
    assertThat(Callers.results(calls)).containsOnly("v");
  }
}
