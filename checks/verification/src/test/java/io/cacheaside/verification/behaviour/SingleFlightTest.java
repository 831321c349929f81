package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.LoadException;
import io.cacheaside.SharedLoadException;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** G3: however many callers and processes miss a key, the source is read once. */
@OnEveryStore
@Tag("races")
class SingleFlightTest extends CacheTest {

  @Test
  void aStampedeOf64CallersIsOneLoad() throws Exception {
    CacheAside<String, String> cache = open();
    source.with("k", "v").pause();

    List<Call<String>> calls = callers.start(64, () -> cache.get("k", source::get));
    eventually(() -> assertThat(cache.stats().misses()).isEqualTo(64));
    source.resume();

    assertThat(Callers.results(calls)).hasSize(64).containsOnly("v");
    assertThat(source.reads()).isEqualTo(1);
    assertThat(cache.stats().loads()).isEqualTo(1);
    assertThat(cache.stats().coalesced()).isEqualTo(63);
  }

  @Test
  void aStampedeInThreeProcessesIsOneLoad() throws Exception {
    List<CacheAside<String, String>> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(open(builder().store(anotherStore())));
    }
    source.with("k", "v").pause();

    List<Call<String>> calls = new ArrayList<>();
    for (CacheAside<String, String> process : processes) {
      calls.addAll(callers.start(16, () -> process.get("k", source::get)));
    }
    for (CacheAside<String, String> process : processes) {
      eventually(() -> assertThat(process.stats().misses()).isEqualTo(16));
    }
    source.resume();

    assertThat(Callers.results(calls)).hasSize(48).containsOnly("v");
    assertThat(source.reads()).isEqualTo(1);
  }

  @Test
  void readersOfWhatTheSourceDoesNotHaveShareThatToo() throws Exception {
    CacheAside<String, String> cache = open();
    source.pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    List<Call<String>> waiters = callers.start(20, () -> cache.get("k", CacheTest::notLoaded));
    awaitWaiting(cache, 21, waiters);
    source.resume();

    assertThat(load.result()).isNull();
    assertThat(Callers.results(waiters)).hasSize(20).containsOnlyNulls();
    assertThat(source.reads()).isEqualTo(1);
  }

  @Test
  void differentKeysDoNotWaitForEachOther() throws Exception {
    CacheAside<String, String> cache = open();
    source.pause();
    List<Call<String>> calls = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      String key = "k" + i;
      source.with(key, key);
      calls.add(callers.start(() -> cache.get(key, source::get)));
    }

    source.awaitWaiting(16, Callers.DEADLINE);
    source.resume();

    assertThat(Callers.results(calls)).doesNotHaveDuplicates();
  }

  /** The stack and the memory of one caller say nothing about the source. */
  @Test
  void anErrorOfTheVirtualMachineIsNotShared() throws Exception {
    CacheAside<String, String> cache = open();
    CountDownLatch failing = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    Call<String> load =
        callers.start(
            () ->
                cache.get(
                    "k",
                    key -> {
                      begun.countDown();
                      failing.await();
                      throw new StackOverflowError();
                    }));
    begun.await();
    Call<String> waiter = callers.start(() -> cache.get("k", key -> "v"));
    awaitWaiting(cache, 2, List.of(waiter));

    failing.countDown();

    assertThat(load.failure()).isInstanceOf(StackOverflowError.class);
    assertThat(waiter.result()).isEqualTo("v");
  }

  @Test
  void theFailureOfALoadIsSharedAndNotRepeated() throws Exception {
    CacheAside<String, String> cache = open();
    IOException thrown = new IOException("no source");
    CountDownLatch failing = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    Call<String> load =
        callers.start(
            () ->
                cache.get(
                    "k",
                    key -> {
                      begun.countDown();
                      failing.await();
                      throw thrown;
                    }));
    begun.await();
    List<Call<String>> waiters = callers.start(16, () -> cache.get("k", CacheTest::notLoaded));
    awaitWaiting(cache, 17, waiters);

    failing.countDown();

    assertOwnFailure(load.failure(), thrown);
    assertThat(Callers.failures(waiters))
        .hasSize(16)
        .allSatisfy(
            failure ->
                assertThat(failure)
                    .isInstanceOf(LoadException.class)
                    .hasMessageContainingAll(name, "'k'", "java.io.IOException")
                    .cause()
                    .isSameAs(thrown));
    assertThat(cache.stats().loadFailures()).isEqualTo(1);
    assertThat(cache.get("k", key -> "v")).isEqualTo("v");
  }

  @Test
  void aWaiterSharesAFailureElsewhere() throws Exception {
    CacheAside<String, String> here = open();
    CacheAside<String, String> there = open(builder().store(anotherStore()));
    source.with("k", "v").pause();
    source.failNextReads(1, new IllegalStateException("no source"));
    Call<String> load = callers.start(() -> there.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    Call<String> waiter = callers.start(() -> here.get("k", CacheTest::notLoaded));
    eventually(() -> assertThat(here.stats().misses()).isEqualTo(1));

    source.resume();

    assertThat(load.failure()).hasMessage("no source");
    assertThat(waiter.failure())
        .isInstanceOf(SharedLoadException.class)
        .hasMessageContainingAll(name, "'k'", "java.lang.IllegalStateException")
        .hasMessageNotContaining("no source");
    assertThat(here.get("k", source::get)).isEqualTo("v");
  }

  @Test
  void waitersShareAValueThatIsTooLargeToBeCached() throws Exception {
    CacheAside<String, String> cache = open(builder().maxPayloadBytes(3));
    source.with("k", "1234").pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    List<Call<String>> waiters = callers.start(16, () -> cache.get("k", CacheTest::notLoaded));
    awaitWaiting(cache, 17, waiters);
    source.resume();

    assertThat(load.result()).isEqualTo("1234");
    assertThat(Callers.results(waiters)).hasSize(16).containsOnly("1234");
    assertThat(source.reads()).isEqualTo(1);
    assertNotCached(cache, "k");
  }

  @Test
  void aLoaderSlowerThanItsLeaseTimeKeepsTheLease() throws Exception {
    FakeTime time = new FakeTime();
    Duration leaseTime = Duration.ofMinutes(1);
    CacheAsideBuilder<String, String> timed =
        builder().environment(time).leaseTime(leaseTime).loadTimeout(leaseTime.multipliedBy(10));
    CacheAside<String, String> here = open(timed);
    CacheAside<String, String> there = open(timed.store(anotherStore()));
    source.with("k", "v").pause();
    Call<String> load = callers.start(() -> here.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    List<Call<String>> waiters = callers.start(20, () -> there.get("k", source::get));
    awaitWaiting(there, 20, waiters);

    for (int renewals = 1; renewals <= 4; renewals++) {
      time.advance(leaseTime.dividedBy(2));
      awaitRenewals(time, renewals);
    }
    source.resume();

    assertThat(load.result()).isEqualTo("v");
    assertThat(Callers.results(waiters)).containsOnly("v");
    assertThat(source.reads()).isEqualTo(1);
    eventually(() -> assertThat(here.stats().fills()).isEqualTo(1));
  }

  /** A lease is renewed three times in its time; its header counts. */
  private void awaitRenewals(FakeTime time, int atLeast) {
    eventually(
        () -> {
          time.advance(Duration.ofMillis(1));
          byte[] lease = store().read(stored("k")).toCompletableFuture().get();
          assertThat(lease).isNotNull();
          assertThat(ByteBuffer.wrap(lease).getShort(30)).isGreaterThanOrEqualTo((short) atLeast);
        });
  }
}
