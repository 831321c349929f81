package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.LoadRejectedException;
import io.cacheaside.ReadOptions;
import io.cacheaside.config.Configuration;
import io.cacheaside.store.ChangeListener;
import io.cacheaside.store.ChangeListener.Cause;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.store.TimedState;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.testkit.ForwardingStore;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The bound on loads while the store may be empty, exact. */
@InMemoryOnly
class WarmUpTest extends CacheTest {
  private static final Duration WARM_UP = Duration.ofSeconds(10);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration MILLISECOND = Duration.ofMillis(1);
  private static final ReadOptions UNCACHED = ReadOptions.defaults().doNotCache();

  private final FakeTime time = new FakeTime();
  private final List<ChangeListener> listeners = new CopyOnWriteArrayList<>();
  private final FaultyStore store = new FaultyStore(new HeardStore());
  private final List<Call<String>> loads = new ArrayList<>();

  private volatile boolean mistaken;

  /** A store of which it is known who listens, and whose reads fail as none should. */
  private final class HeardStore extends ForwardingStore {

    HeardStore() {
      super(InMemoryStore.builder().nanoTime(time::nanoTime).build());
    }

    @Override
    public boolean watch(ChangeListener listener, Duration maxLag) {
      listeners.add(listener);
      return super.watch(listener, maxLag);
    }

    @Override
    public CompletionStage<TimedState> readTimed(String key, int maxBytes) {
      return mistaken
          ? CompletableFuture.failedStage(new IllegalArgumentException("mistaken"))
          : super.readTimed(key, maxBytes);
    }
  }

  private CacheAsideBuilder<String, String> unwarmed() {
    return builder()
        .environment(time)
        .store(store)
        .loadTimeout(HOUR)
        .leaseTime(HOUR)
        .maxConcurrentLoads(20)
        .maxQueuedLoads(0);
  }

  private CacheAsideBuilder<String, String> warming() {
    return unwarmed().warmUp(WARM_UP);
  }

  /** Takes places until so many are taken. */
  private void take(CacheAside<String, String> cache, int places) {
    source.pause();
    while (loads.size() < places) {
      String key = "load " + loads.size();
      source.with(key, "v");
      loads.add(callers.start(() -> cache.get(key, source::get)));
      source.awaitWaiting(loads.size(), Callers.DEADLINE);
    }
  }

  private void giveBack(CacheAside<String, String> cache) throws Exception {
    source.resume();
    assertThat(Callers.results(loads)).containsOnly("v");
    loads.clear();
    cache.clear();
  }

  /** Takes places until so many are taken, which must be all. */
  private void takeAll(CacheAside<String, String> cache, int places) {
    take(cache, places);
    assertFull(cache);
  }

  private static void assertFull(CacheAside<String, String> cache) {
    assertThatExceptionOfType(LoadRejectedException.class)
        .isThrownBy(() -> cache.get("another", UNCACHED, CacheTest::notLoaded));
  }

  /** Lets a read find that there is no store, and the next one that it is there again. */
  private void loseContact(CacheAside<String, String> cache) {
    store.disconnect();
    assertThat(cache.lookup("k").value()).isEmpty();
    store.reconnect();
    assertNotCached(cache, "k");
  }

  /** Refuses the timers of the queue, which are shorter than all others here. */
  private final class NoQueueTimers extends ForwardingEnvironment {
    private volatile boolean refuses;

    NoQueueTimers() {
      super(time);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      if (refuses && delay.compareTo(WARM_UP) < 0) {
        throw new OutOfMemoryError("no timer");
      }
      return super.schedule(delay, task);
    }
  }

  /** G4: it fails, leaves the queue, and keeps nobody from waiting in it. */
  @Test
  void aLoadWhoseTimeInTheQueueCannotBeMeasured() throws Exception {
    NoQueueTimers environment = new NoQueueTimers();
    CacheAside<String, String> cache = open(warming().environment(environment).maxQueuedLoads(1));
    take(cache, 2);
    source.with("third", "3").with("fourth", "4");
    environment.refuses = true;

    assertThat(callers.start(() -> cache.get("third", source::get)).failure())
        .isInstanceOf(OutOfMemoryError.class);

    environment.refuses = false;
    Call<String> queued = callers.start(() -> cache.get("fourth", source::get));
    awaitWaiting(cache, 4, List.of(queued));
    source.resume();
    assertThat(queued.result()).isEqualTo("4");
    assertThat(callers.start(() -> cache.get("third", source::get)).result()).isEqualTo("3");
  }

  @Test
  void placesRiseFromATenthToAllOverTheWarmUp() {
    CacheAside<String, String> cache = open(warming());

    takeAll(cache, 2);
    time.advance(WARM_UP.dividedBy(2));
    takeAll(cache, 11);
    time.advance(WARM_UP.dividedBy(2).minus(MILLISECOND));
    takeAll(cache, 19);
    time.advance(MILLISECOND);
    takeAll(cache, 20);
    time.advance(WARM_UP);
    assertFull(cache);
  }

  @Test
  void thereIsAlwaysOnePlace() {
    CacheAside<String, String> cache = open(warming().maxConcurrentLoads(5));

    takeAll(cache, 1);
  }

  @Test
  void whoWaitsGetsAPlaceAsSoonAsThereAreMore() throws Exception {
    CacheAside<String, String> cache = open(warming().maxQueuedLoads(1));
    take(cache, 2);
    source.with("waiting", "v");
    loads.add(callers.start(() -> cache.get("waiting", source::get)));
    awaitWaiting(cache, 3, loads);
    assertThat(source.reads("waiting")).isZero();

    time.advance(WARM_UP.dividedBy(10));

    source.awaitWaiting(3, Callers.DEADLINE);
    giveBack(cache);
  }

  @Test
  void placesRiseAgainAfterContactWithTheStoreWasLost() throws Exception {
    CacheAside<String, String> cache = open(warming());
    time.advance(WARM_UP);
    takeAll(cache, 20);
    giveBack(cache);

    loseContact(cache);

    takeAll(cache, 2);
    time.advance(WARM_UP.dividedBy(2));
    takeAll(cache, 11);
    time.advance(WARM_UP.dividedBy(2));
    takeAll(cache, 20);
  }

  @ParameterizedTest
  @EnumSource
  void placesRiseAgainAfterAStoreSaysThatItMayHaveLostMuch(Cause cause) {
    CacheAside<String, String> cache = open(warming());
    time.advance(WARM_UP);

    listeners.forEach(listener -> listener.allChanged(cause));

    takeAll(cache, cause.isLoss() ? 2 : 20);
    assertThat(cache.stats().flushes()).containsEntry(cause, 1L);
  }

  @Test
  void aLossDuringTheWarmUpBeginsItAnew() throws Exception {
    CacheAside<String, String> cache = open(warming());
    time.advance(WARM_UP.dividedBy(2));
    takeAll(cache, 11);

    loseContact(cache);

    assertFull(cache);
    giveBack(cache);
    takeAll(cache, 2);
    time.advance(WARM_UP.dividedBy(2));
    takeAll(cache, 11);
  }

  @Test
  void aStoreThatTimedOutAllTheTimeMayBeEmptyToo() {
    Duration pause = Duration.ofSeconds(1);
    CacheAside<String, String> cache = open(warming().circuitBreaker(1, pause));
    time.advance(WARM_UP);
    store.next(Operation.READ_TIMED).fail(Reason.TIMED_OUT);
    assertNotCached(cache, "k");
    take(cache, 2);

    time.advance(pause);

    eventually(() -> assertFull(cache));
  }

  @ParameterizedTest
  @EnumSource(names = {"REFUSED", "TIMED_OUT"})
  void aFailureWithoutALossOfContactChangesNothing(Reason reason) {
    CacheAside<String, String> cache = open(warming());
    time.advance(WARM_UP);
    store.next(Operation.READ_TIMED).fail(reason);
    assertNotCached(cache, "k");
    assertThat(cache.stats().storeFailures()).isEqualTo(1);
    assertNotCached(cache, "k");

    takeAll(cache, 20);
  }

  @Test
  void aMistakeInTheStoreIsNoLossOfContact() {
    CacheAside<String, String> cache = open(warming());
    time.advance(WARM_UP);
    mistaken = true;
    assertNotCached(cache, "k");
    assertThat(cache.stats().storeFailures()).isEqualTo(1);
    mistaken = false;
    assertNotCached(cache, "k");

    takeAll(cache, 20);
  }

  @Test
  void withoutAWarmUpAllPlacesAreThereAtOnce() throws Exception {
    CacheAside<String, String> cache = open(unwarmed());
    takeAll(cache, 20);
    giveBack(cache);

    loseContact(cache);

    takeAll(cache, 20);
  }

  @Test
  void itCanBeSetByAProperty() {
    CacheAside<String, String> cache =
        open(unwarmed().configuration(Configuration.of(Map.of("cache-aside.warm-up", "10s"))));

    takeAll(cache, 2);
    time.advance(WARM_UP);
    takeAll(cache, 20);
  }

  @ParameterizedTest
  @CsvSource({"PT-0.001S, -1 ms", "PT0.000999S, 0.999 ms", "PT24H0.001S, 86400001 ms"})
  void aWarmUpOutsideOfTheBoundsIsRefused(String text, String shown) {
    Duration warmUp = Duration.parse(text);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> unwarmed().warmUp(warmUp))
        .withMessageContainingAll("warmUp is " + shown, "use at least");
  }
}
