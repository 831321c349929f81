package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.LoadTimeoutException;
import io.cacheaside.ReadOptions;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * G4: the load of a process that died, or froze, is taken over. A process is a store instance of
 * its own; it dies when that is cut off and its loader never returns.
 */
@OnEveryStore
@Tag("races")
class TakeOverTest extends CacheTest {
  private static final Duration LEASE_TIME = Duration.ofMillis(300);
  private static final Duration HOUR = Duration.ofHours(1);

  /**
   * No pause of a machine that is busy is that long, so that who has taken over keeps the lease.
   */
  private static final Duration LONGER_LEASE_TIME = Duration.ofSeconds(2);

  private static final Duration LOAD_TIMEOUT = Duration.ofMinutes(1);

  private final FakeTime time = new FakeTime();

  private CacheAside<String, String> process(FaultyStore store) {
    return process(store, LEASE_TIME);
  }

  private CacheAside<String, String> process(FaultyStore store, Duration leaseTime) {
    return open(builder().store(store).leaseTime(leaseTime).closeTimeout(Duration.ZERO));
  }

  /** Returns a process whose readers wait until time is advanced. */
  private CacheAside<String, String> timed(CacheAsideBuilder<String, String> builder) {
    return timed(builder, faultyStore(), time);
  }

  private CacheAside<String, String> timed(
      CacheAsideBuilder<String, String> builder, FaultyStore store, FakeTime clock) {
    return open(
        builder
            .store(store)
            .environment(clock)
            .leaseTime(LOAD_TIMEOUT.dividedBy(2))
            .loadTimeout(LOAD_TIMEOUT));
  }

  private Call<String> loadOf(CacheAside<String, String> cache, String value) {
    source.with("k", value).pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    return load;
  }

  @Test
  void aLoadWhoseProcessDiesIsTakenOver() {
    FaultyStore dying = faultyStore();
    loadOf(process(dying), "never arrives");
    dying.disconnect();

    CacheAside<String, String> survivor = process(faultyStore(), LONGER_LEASE_TIME);
    assertThat(survivor.get("k", key -> "taken over")).isEqualTo("taken over");

    eventually(() -> assertCached(survivor, "k", "taken over"));
  }

  @Test
  void ofAllWhoWaitOneTakesOver() throws Exception {
    FaultyStore dying = faultyStore();
    CacheAside<String, String> survivor = process(faultyStore(), LONGER_LEASE_TIME);
    CacheAside<String, String> another = process(faultyStore(), LONGER_LEASE_TIME);
    loadOf(process(dying), "never arrives");
    source.with("k", "taken over");
    List<Call<String>> waiters = callers.start(8, () -> survivor.get("k", source::get));
    List<Call<String>> others = callers.start(8, () -> another.get("k", source::get));
    eventually(
        () ->
            assertThat(survivor.stats().misses() + another.stats().misses())
                .isEqualTo(waiters.size() + others.size()));

    dying.disconnect();
    source.awaitWaiting(2, Callers.DEADLINE);
    source.resume();

    assertThat(Callers.results(waiters)).containsOnly("taken over");
    assertThat(Callers.results(others)).containsOnly("taken over");
    assertThat(source.reads()).isEqualTo(2);
  }

  @Test
  void aProcessThatComesBackFromTheDeadCannotStoreWhatItLoaded() throws Exception {
    FaultyStore frozen = faultyStore();
    CacheAside<String, String> zombie = process(frozen);
    Call<String> load = loadOf(zombie, "old");
    frozen.disconnect();
    CacheAside<String, String> survivor = process(faultyStore(), LONGER_LEASE_TIME);
    assertThat(survivor.get("k", key -> "taken over")).isEqualTo("taken over");
    eventually(() -> assertCached(survivor, "k", "taken over"));

    frozen.reconnect();
    source.resume();

    assertThat(load.result()).isEqualTo("old");
    eventually(() -> assertThat(zombie.stats().refusedFills()).isEqualTo(1));
    assertCached(survivor, "k", "taken over");
    assertThat(zombie.get("k", CacheTest::notLoaded)).isEqualTo("taken over");
  }

  /** A server whose clock stands still, or was set back, keeps what should have expired. */
  @Test
  void aLeaseThatShowsNoSignOfLifeIsTakenOverAlthoughTheStoreKeepsIt() throws Exception {
    FaultyStore dying = faultyStore();
    loadOf(process(dying), "never arrives");
    byte[] lease = store().read(stored("k")).toCompletableFuture().get(10, TimeUnit.SECONDS);
    dying.disconnect();
    store().put(stored("k"), lease, HOUR).toCompletableFuture().get(10, TimeUnit.SECONDS);

    CacheAside<String, String> survivor = process(faultyStore(), LONGER_LEASE_TIME);
    assertThat(survivor.get("k", key -> "taken over")).isEqualTo("taken over");

    eventually(() -> assertCached(survivor, "k", "taken over"));
    assertThat(survivor.remainingTtl("k").orElseThrow()).isLessThan(HOUR);
  }

  @Test
  void aLeaseThatCannotBeRenewedEndsAndItsResultIsNotStored() throws Exception {
    FaultyStore stuck = faultyStore();
    CacheAside<String, String> cache = process(stuck);
    stuck.every(Operation.SWAP_HEAD).fail(Reason.REFUSED);
    Call<String> load = loadOf(cache, "old");
    CacheAside<String, String> other = process(faultyStore(), LONGER_LEASE_TIME);
    assertThat(other.get("k", key -> "taken over")).isEqualTo("taken over");

    source.resume();

    assertThat(load.result()).isEqualTo("old");
    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    assertCached(other, "k", "taken over");
  }

  @Test
  void whoWaitsForAnotherProcessWaitsNoLongerThanItsLoadTimeout() throws Exception {
    CacheAside<String, String> slow =
        open(builder().environment(time).leaseTime(LOAD_TIMEOUT).loadTimeout(HOUR));
    Call<String> load = loadOf(slow, "v");
    CacheAside<String, String> impatient = timed(builder());
    Call<String> waiter = callers.start(() -> impatient.get("k", CacheTest::notLoaded));
    awaitWaiting(impatient, 1, List.of(waiter));

    time.advance(LOAD_TIMEOUT.dividedBy(2));
    awaitRenewal();
    time.advance(LOAD_TIMEOUT.dividedBy(2));

    assertThat(waiter.failure())
        .isInstanceOf(LoadTimeoutException.class)
        .hasMessageContainingAll(name, "'k'", "60000 ms");

    source.resume();
    assertThat(load.result()).isEqualTo("v");
    eventually(() -> assertCached(impatient, "k", "v"));
  }

  private void awaitRenewal() {
    eventually(
        () -> {
          byte[] lease = store().read(stored("k")).toCompletableFuture().get();
          assertThat(lease).isNotNull();
          assertThat(ByteBuffer.wrap(lease).getShort(30)).isPositive();
        });
  }

  @Test
  void aLeaseIsBelievedNoLongerThanTheLoadTimeoutOfWhoWaits() throws Exception {
    FaultyStore dying = faultyStore();
    loadOf(process(dying, Duration.ofDays(1)), "never arrives");
    dying.disconnect();

    assertTakesOver(timed(builder()));
  }

  private void assertTakesOver(CacheAside<String, String> survivor) throws Exception {
    Call<String> waiter = callers.start(() -> survivor.get("k", key -> "taken over"));
    awaitNextLook(time);
    awaitWaiting(survivor, 1, List.of(waiter));

    time.advance(LOAD_TIMEOUT);

    assertThat(waiter.result()).isEqualTo("taken over");
    eventually(() -> assertCached(survivor, "k", "taken over"));
  }

  /** Waits until a reader knows the lease of another process, and when to look again. */
  private static void awaitNextLook(FakeTime readerTime) {
    eventually(
        () ->
            assertThat(readerTime.pendingTimers())
                .as("its next look")
                .anyMatch(delay -> delay.compareTo(LOAD_TIMEOUT) < 0));
  }

  @Test
  void theLeaseOfARefreshIsBelievedNoLongerEither() throws Exception {
    FaultyStore dying = faultyStore();
    CacheAside<String, String> gone =
        open(
            builder()
                .store(dying)
                .staleIfError(HOUR)
                .leaseTime(Duration.ofDays(1))
                .closeTimeout(Duration.ZERO));
    gone.put("k", "old");
    gone.markStale("k");
    loadOf(gone, "never arrives");
    dying.disconnect();

    assertTakesOver(timed(builder().staleIfError(HOUR)));
  }

  @Test
  void whoWaitsForALeaseThatIsLongerThanItsLoadTimeoutIsTold() throws Exception {
    Duration day = Duration.ofDays(1);
    CacheAside<String, String> slow = process(faultyStore(), day);
    Call<String> load = loadOf(slow, "v");
    CacheAside<String, String> impatient =
        open(builder().store(faultyStore()).leaseTime(day).loadTimeout(Duration.ofMillis(100)));

    assertThat(callers.start(() -> impatient.get("k", CacheTest::notLoaded)).failure())
        .isInstanceOf(LoadTimeoutException.class);

    source.resume();
    assertThat(load.result()).isEqualTo("v");
  }

  @Test
  void anInvalidationWhileOthersWaitLetsOneOfThemLoad() throws Exception {
    CacheAside<String, String> here = process(faultyStore(), LONGER_LEASE_TIME);
    CacheAside<String, String> there = process(faultyStore(), LONGER_LEASE_TIME);
    Call<String> load = loadOf(here, "old");
    Call<String> waiter = callers.start(() -> there.get("k", source::get));
    eventually(() -> assertThat(there.stats().misses()).isEqualTo(1));

    source.with("k", "new");
    there.invalidate("k");
    source.awaitWaiting(2, Callers.DEADLINE);
    source.resume();

    assertThat(waiter.result()).isEqualTo("new");
    assertThat(load.result()).isEqualTo("old");
    eventually(() -> assertCached(there, "k", "new"));
  }

  /** One load of others after the next may come to nothing for it, and its own cannot. */
  @Test
  void whoHasWaitedInVainForAThirdOfItsTimeDoesNotWaitForTheNextLoad() throws Exception {
    CacheAside<String, String> other = timed(builder());
    assertLoadsForItself(
        other,
        builder(),
        () -> {
          other.invalidate("k");
          return other.get("k", source::get);
        });
  }

  @Test
  void whoHasWaitedInVainForAThirdOfItsTimeDoesNotWaitForTheNextRefresh() throws Exception {
    ReadOptions forced = ReadOptions.defaults().forceRefresh();
    CacheAside<String, String> other = timed(builder().staleIfError(HOUR));
    CacheAside<String, String> third = timed(builder().staleIfError(HOUR));
    cached(other, "k", "old");
    other.markStale("k");
    assertLoadsForItself(
        other, builder().staleIfError(HOUR), () -> third.get("k", forced, source::get));
  }

  private void assertLoadsForItself(
      CacheAside<String, String> other,
      CacheAsideBuilder<String, String> builder,
      Callable<String> nextLoad)
      throws Exception {
    FaultyStore store = faultyStore();
    FakeTime readerTime = new FakeTime();
    CacheAside<String, String> reader = timed(builder, store, readerTime);
    source.with("k", "new").pause();
    Call<String> first = callers.start(() -> other.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    Call<String> waiting = callers.start(() -> reader.get("k", key -> "own"));
    awaitNextLook(readerTime);
    awaitWaiting(reader, 1, List.of(waiting));

    FaultyStore.Hold look = store.every().hold();
    readerTime.advance(LOAD_TIMEOUT.dividedBy(3));
    Call<String> second = callers.start(nextLoad);
    source.awaitWaiting(2, Callers.DEADLINE);
    store.heal();
    look.release();

    assertThat(waiting.result()).isEqualTo("own");
    source.resume();
    assertThat(Callers.results(List.of(first, second))).containsOnly("new");
  }

  @Test
  void aForcedReadThatCannotTellWhetherItTookOverGivesTheLeaseBack() throws Exception {
    ReadOptions forced = ReadOptions.defaults().forceRefresh();
    CacheAside<String, String> here = open(builder());
    FaultyStore store = new FaultyStore(anotherStore());
    CacheAside<String, String> there = open(builder().store(store));
    cached(here, "k", "old");
    source.with("k", "refreshed").pause();
    Call<String> refresh = callers.start(() -> here.get("k", forced, source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    store.next(Operation.SWAP).loseReply(Reason.TIMED_OUT);
    assertThat(there.get("k", forced, key -> "own")).isEqualTo("own");
    eventually(() -> assertThat(store.count(Operation.REMOVE_STAMPED)).isEqualTo(1));

    source.resume();
    assertThat(refresh.result()).isEqualTo("refreshed");
    eventually(() -> assertCached(there, "k", "refreshed"));
  }
}
