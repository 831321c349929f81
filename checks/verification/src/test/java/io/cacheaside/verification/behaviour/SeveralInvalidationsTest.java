package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.cacheaside.AsyncInvalidations;
import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.Invalidations;
import io.cacheaside.RetryPolicy;
import io.cacheaside.WaitInterruptedException;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** One write after which keys and tags of several caches are invalidated. */
@OnEveryStore
class SeveralInvalidationsTest extends CacheTest {

  /** What is invalidated, in the words of either face. */
  private final class Plan {
    private final Callable<String> write;
    private final Invalidations<String, Exception> sync;
    private final AsyncInvalidations<String> async;

    Plan(Callable<String> write) {
      this.write = write;
      this.sync = Invalidations.after(write::call);
      this.async = AsyncInvalidations.after(() -> AsyncFace.elsewhere(write));
    }

    Plan of(CacheAside<String, ?> cache, String... keys) {
      if (keys.length == 1) {
        sync.of(cache, keys[0]);
        async.of(cache.async(), keys[0]);
      } else {
        sync.ofAll(cache, List.of(keys));
        async.ofAll(cache.async(), List.of(keys));
      }
      return this;
    }

    Plan tag(CacheAside<String, ?> cache, String tag) {
      sync.tag(cache, tag);
      async.tag(cache.async(), tag);
      return this;
    }

    String run() throws Exception {
      if (isSync()) {
        return sync.run();
      }
      return AsyncFace.await(async.run());
    }
  }

  private CacheAside<String, String> other(FaultyStore store) {
    return open(
        CacheAside.builder(name + "other", Codec.string())
            .store(store)
            .tags(key -> Set.of("t"))
            .invalidationRetry(RetryPolicy.none()));
  }

  private CacheAsideBuilder<String, String> failingAtOnce() {
    return builder().invalidationRetry(RetryPolicy.none());
  }

  @Test
  void allIsInvalidatedAfterTheWrite() throws Exception {
    CacheAside<String, String> one = open(failingAtOnce());
    CacheAside<String, String> other = other(faultyStore());
    one.put("a", "old");
    one.put("b", "old");
    other.put("c", "old");
    other.put("d", "old");

    String result =
        new Plan(
                () -> {
                  assertCached(one, "a", "old");
                  assertCached(other, "d", "old");
                  return "17 rows";
                })
            .of(one, "a", "b")
            .of(other, "c")
            .tag(other, "t")
            .run();

    assertThat(result).isEqualTo("17 rows");
    assertNotCached(one, "a");
    assertNotCached(one, "b");
    assertNotCached(other, "c");
    assertNotCached(other, "d");
  }

  @Test
  void aWriteMayReturnNothing() {
    CacheAside<String, String> cache = open();
    cache.put("k", "old");
    AtomicInteger written = new AtomicInteger();

    Invalidations.after(
            () -> {
              written.incrementAndGet();
            })
        .of(cache, "k")
        .run();

    assertThat(written).hasValue(1);
    assertNotCached(cache, "k");
  }

  @Test
  void aFailedWriteMayHaveBeenCommitted() {
    CacheAside<String, String> one = open(failingAtOnce());
    CacheAside<String, String> other = other(faultyStore());
    one.put("k", "old");
    other.put("k", "old");
    IOException thrown = new IOException("lost the connection");

    assertThat(
            catchThrowable(
                () ->
                    new Plan(
                            () -> {
                              throw thrown;
                            })
                        .of(one, "k")
                        .of(other, "k")
                        .run()))
        .isSameAs(thrown);

    assertNotCached(one, "k");
    assertNotCached(other, "k");
  }

  @Test
  void oneFailureStandsForAll() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> one = open(failingAtOnce().store(store));
    CacheAside<String, String> other = other(store);
    CacheAside<String, String> healthy =
        open(CacheAside.builder(name + "healthy", Codec.string()).store(store()));
    healthy.put("k", "old");
    store.every(Operation.REMOVE).fail(Reason.DISCONNECTED);

    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(
            () -> new Plan(() -> "17 rows").of(one, "a").of(other, "b").of(healthy, "k").run())
        .satisfies(
            failure -> {
              assertThat(failure.isWriteCommitted()).isTrue();
              assertThat(failure.writeResult()).contains("17 rows");
              assertThat(failure).hasMessageContainingAll(name, "2 of what a committed write");
              assertThat(failure.getCause()).isInstanceOf(InvalidationFailedException.class);
              assertThat(failure.getSuppressed())
                  .hasSize(1)
                  .allMatch(InvalidationFailedException.class::isInstance);
            });

    assertNotCached(healthy, "k");
    assertThat(one.stats().unconfirmedInvalidations()).isEqualTo(1);
    assertThat(other.stats().unconfirmedInvalidations()).isEqualTo(1);
    store.heal();
  }

  @Test
  void failuresAreSuppressedInThatOfTheWrite() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(failingAtOnce().store(store));
    store.every(Operation.REMOVE).fail(Reason.DISCONNECTED);
    IOException thrown = new IOException("lost the connection");

    assertThat(
            catchThrowable(
                () ->
                    new Plan(
                            () -> {
                              throw thrown;
                            })
                        .of(cache, "k")
                        .run()))
        .isSameAs(thrown)
        .satisfies(failure -> assertThat(failure.getSuppressed()).hasSize(1));
    store.heal();
  }

  @Test
  void fencesStandAroundTheWriteWhereTheCacheHasThem() throws Exception {
    CacheAside<String, String> fenced = open(builder().fenceTime(Duration.ofMinutes(1)));
    fenced.put("k", "old");

    new Plan(
            () -> {
              assertThat(fenced.get("k", key -> "loaded within")).isEqualTo("loaded within");
              assertNotCached(fenced, "k");
              return "done";
            })
        .of(fenced, "k")
        .run();

    fenced.get("k", key -> "new");
    eventually(() -> assertCached(fenced, "k", "new"));
  }

  @Test
  void whatACacheRefusesIsRefusedBeforeTheWrite() {
    CacheAside<String, String> cache = open();
    CacheAside<String, String> fenced =
        open(
            CacheAside.builder(name + "fenced", Codec.string())
                .store(store())
                .fenceTime(Duration.ofMinutes(1)));
    for (CacheAside<String, String> each : List.of(cache, fenced)) {
      CacheAside<String, String> real =
          each instanceof AsyncFace<String, String> a ? a.async().sync() : each;

      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Plan(() -> "written").of(real, "k").of(real, ""));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Plan(() -> "written").of(real, "k", ""));
      assertThatIllegalStateException()
          .isThrownBy(() -> new Plan(() -> "written").tag(real, "no tags here"));
    }
  }

  @Test
  void aKeyThatIsNamedTwiceIsNotFencedTwice() throws Exception {
    CacheAside<String, String> fenced = open(builder().fenceTime(Duration.ofMinutes(1)));

    new Plan(() -> "written").of(fenced, "k").of(fenced, "k", "k").run();

    fenced.get("k", key -> "new");
    eventually(() -> assertCached(fenced, "k", "new"));
  }

  @Test
  void anErrorKeepsNoneOfTheOthersFromBeingTried() {
    AtomicBoolean broken = new AtomicBoolean();
    AssertionError thrown = new AssertionError("a broken codec of keys");
    CacheAside<String, String> failing =
        closedAfterwards(
            CacheAside.builder(
                    name + "failing",
                    String.class,
                    key -> {
                      if (broken.get()) {
                        throw thrown;
                      }
                      return key;
                    },
                    Codec.string())
                .store(store())
                .build());
    CacheAside<String, String> other = other(faultyStore());
    other.put("k", "old");

    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(
            () ->
                new Plan(
                        () -> {
                          broken.set(true);
                          return "written";
                        })
                    .of(failing, "k")
                    .of(other, "k")
                    .run())
        .withCause(thrown);

    assertNotCached(other, "k");
  }

  @Test
  void aWriteAndAnInvalidationMayFailWithTheSame() {
    IllegalStateException thrown = new IllegalStateException("the same");
    AtomicBoolean broken = new AtomicBoolean();
    CacheAside<String, String> failing =
        closedAfterwards(
            CacheAside.builder(
                    name + "failing",
                    String.class,
                    key -> {
                      if (broken.get()) {
                        throw thrown;
                      }
                      return key;
                    },
                    Codec.string())
                .store(store())
                .build());

    assertThat(
            catchThrowable(
                () ->
                    new Plan(
                            () -> {
                              broken.set(true);
                              throw thrown;
                            })
                        .of(failing, "k")
                        .run()))
        .isSameAs(thrown);
  }

  /** A stage that is no future, as it may be. */
  private static final class MereStage<T> extends CompletableFuture<T> {
    @Override
    public CompletableFuture<T> toCompletableFuture() {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void aStageNeedNotBeAFuture() {
    CacheAside<String, String> cache = open();
    cache.put("k", "old");
    MereStage<String> commit = new MereStage<>();

    CompletableFuture<String> written =
        AsyncInvalidations.after(() -> commit).of(cache.async(), "k").run();

    assertCached(cache, "k", "old");
    assertThat(written).isNotDone();
    commit.complete("written");
    assertThat(AsyncFace.<String>await(written)).isEqualTo("written");
    assertNotCached(cache, "k");
  }

  @Test
  void anInterruptedCallerIsToldAndAllIsReadAround() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> one = open(failingAtOnce().store(store));
    CacheAside<String, String> other = other(store);
    one.put("k", "old");
    other.put("k", "old");

    if (isSync()) {
      FaultyStore.Hold answers = store.every(Operation.REMOVE).hold();
      Throwable failure =
          callers
              .start(
                  () ->
                      new Plan(
                              () -> {
                                Thread.currentThread().interrupt();
                                return "written";
                              })
                          .of(one, "k")
                          .of(other, "k")
                          .run())
              .failure();

      assertThat(failure)
          .isInstanceOf(InvalidationFailedException.class)
          .hasCauseInstanceOf(WaitInterruptedException.class);
      assertThat(one.get("k", key -> "new")).isEqualTo("new");
      assertThat(other.get("k", key -> "new")).isEqualTo("new");
      store.heal();
      answers.release();
    }
  }
}
