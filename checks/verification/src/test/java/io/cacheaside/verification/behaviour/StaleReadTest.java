package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.codec.Codec;
import io.cacheaside.jackson.JsonCodec;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Hold;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * G1: after an invalidation returned, no read that starts later gives a value from before it. Each
 * race is played step by step; the last test lets threads loose.
 */
@OnEveryStore
@Tag("races")
class StaleReadTest extends CacheTest {

  /** What takes away the right of a load under way to store what it read. */
  enum Ending {
    INVALIDATE(cache -> cache.invalidate("k")),
    INVALIDATE_ALL(cache -> cache.invalidateAll(List.of("j", "k"))),
    INVALIDATE_MATCHING(cache -> cache.invalidateMatching("?")),
    CLEAR(CacheAside::clear),
    WRITE_THEN_INVALIDATE(cache -> cache.writeThenInvalidate("k", () -> "written")),
    PUT_THEN_INVALIDATE(
        cache -> {
          cache.put("k", "put");
          cache.invalidate("k");
        }),
    UPDATE(cache -> cache.update("k", old -> old));

    private final Consumer<CacheAside<String, String>> action;

    Ending(Consumer<CacheAside<String, String>> action) {
      this.action = action;
    }
  }

  /** The source has its old value read, by a load that is on its way back. */
  private Call<String> loadOfOldValue(CacheAside<String, String> cache) {
    source.with("k", "old").pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    return load;
  }

  private void assertNewValueFromNowOn(CacheAside<String, String> cache) {
    assertThat(cache.get("k", source::get)).isEqualTo("new");
    eventually(() -> assertCached(cache, "k", "new"));
    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("new");
  }

  @ParameterizedTest
  @EnumSource
  void theOldValueOfALoadUnderWayIsNotCached(Ending ending) throws Exception {
    CacheAside<String, String> cache = open();
    Call<String> load = loadOfOldValue(cache);

    source.with("k", "new");
    ending.action.accept(cache);
    source.resume();

    assertThat(load.result()).isEqualTo("old");
    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    assertNotCached(cache, "k");
    assertNewValueFromNowOn(cache);
  }

  @ParameterizedTest
  @EnumSource
  void anotherProcessEndsALoadHereToo(Ending ending) throws Exception {
    CacheAside<String, String> here = open();
    CacheAside<String, String> there = open(builder().store(anotherStore()));
    Call<String> load = loadOfOldValue(here);

    source.with("k", "new");
    ending.action.accept(there);
    source.resume();

    load.result();
    eventually(() -> assertThat(here.stats().refusedFills()).isEqualTo(1));
    assertNotCached(there, "k");
    assertNewValueFromNowOn(here);
  }

  @Test
  void aReaderWhoComesAfterAnInvalidationDoesNotJoinTheLoadFromBefore() throws Exception {
    CacheAside<String, String> cache = open();
    Call<String> early = loadOfOldValue(cache);

    source.with("k", "new");
    cache.invalidate("k");
    Call<String> late = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(2, Callers.DEADLINE);
    source.resume();

    assertThat(late.result()).isEqualTo("new");
    assertThat(early.result()).isEqualTo("old");
    assertNewValueFromNowOn(cache);
  }

  @Test
  void aReaderWhoJoinedBeforeTheInvalidationMayShareTheLoad() throws Exception {
    CacheAside<String, String> cache = open();
    Call<String> load = loadOfOldValue(cache);
    Call<String> joined = callers.start(() -> cache.get("k", CacheTest::notLoaded));
    awaitWaiting(cache, 2, List.of(load, joined));

    source.with("k", "new");
    cache.invalidate("k");
    Call<String> late = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(2, Callers.DEADLINE);
    source.resume();

    assertThat(load.result()).isEqualTo("old");
    assertThat(joined.result()).isEqualTo("old");
    assertThat(late.result()).isEqualTo("new");
  }

  @Test
  void aBulkReaderWhoComesAfterAnInvalidationDoesNotJoinTheLoadFromBefore() throws Exception {
    CacheAside<String, String> cache = open();
    Call<String> early = loadOfOldValue(cache);

    source.with("k", "new").with("j", "another");
    cache.invalidate("k");
    Call<Map<String, String>> late =
        callers.start(() -> cache.getAll(List.of("j", "k"), source::getAll));
    source.awaitWaiting(2, Callers.DEADLINE);
    source.resume();

    assertThat(late.result()).containsEntry("k", "new");
    assertThat(early.result()).isEqualTo("old");
  }

  @Test
  void aReaderDoesNotJoinALoadHereThatLostItsLeaseToOneElsewhere() throws Exception {
    CacheAside<String, String> here = open();
    CacheAside<String, String> there = open(builder().store(anotherStore()));
    Call<String> early = loadOfOldValue(here);
    source.with("k", "new");
    there.invalidate("k");
    Call<String> elsewhere = callers.start(() -> there.get("k", source::get));
    source.awaitWaiting(2, Callers.DEADLINE);

    Call<String> late = callers.start(() -> here.get("k", CacheTest::notLoaded));
    awaitWaiting(here, 2, List.of(late));
    source.resume();

    assertThat(late.result()).isEqualTo("new");
    assertThat(early.result()).isEqualTo("old");
    assertThat(elsewhere.result()).isEqualTo("new");
  }

  /** Readers who wait for another process share what they read next, but nothing sent before. */
  @Test
  void aReaderDoesNotShareALookAtTheStoreFromBeforeItCame() throws Exception {
    FaultyStore inner = faultyStore();
    FaultyStore outer = new FaultyStore(inner);
    CacheAside<String, String> here = open(builder().store(outer));
    CacheAside<String, String> there = open(builder().store(anotherStore()));
    Hold firstLook = inner.next(Operation.READ).hold();
    Hold look = inner.next(Operation.READ_WATCHED).hold();
    Hold firstAnswer = outer.next(Operation.READ).holdReply();
    Hold answer = outer.next(Operation.READ_WATCHED).holdReply();
    Call<String> load = loadOfOldValue(there);
    Call<String> early = callers.start(() -> here.get("k", CacheTest::notLoaded));
    firstLook.awaitArrived();
    firstLook.release();
    firstAnswer.release();
    look.awaitArrived();
    source.resume();
    assertThat(load.result()).isEqualTo("old");
    eventually(() -> assertCached(there, "k", "old"));
    look.release();
    answer.awaitArrived();
    there.invalidate("k");
    source.with("k", "new").pause();
    Call<String> next = callers.start(() -> there.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    Call<String> late = callers.start(() -> here.get("k", CacheTest::notLoaded));
    awaitWaiting(here, 2, List.of(early, late));
    answer.release();
    source.resume();

    assertThat(early.result()).isEqualTo("old");
    assertThat(late.result()).isEqualTo("new");
    assertThat(next.result()).isEqualTo("new");
  }

  @Test
  void aLateFillFindsTheLeaseOfTheNextLoadAndLeavesIt() throws Exception {
    CacheAside<String, String> here = open();
    CacheAside<String, String> there = open(builder().store(anotherStore()));
    Call<String> early = loadOfOldValue(here);
    source.with("k", "new");
    here.invalidate("k");
    source.resume();
    source.pause();
    Call<String> late = callers.start(() -> there.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    assertThat(early.result()).isEqualTo("old");
    eventually(() -> assertThat(here.stats().refusedFills()).isEqualTo(1));
    assertNotCached(here, "k");
    source.resume();

    assertThat(late.result()).isEqualTo("new");
    eventually(() -> assertThat(there.stats().fills()).isEqualTo(1));
    assertCached(here, "k", "new");
  }

  @Test
  void aLateFillFindsTheNextValueAndLeavesIt() throws Exception {
    CacheAside<String, String> here = open();
    CacheAside<String, String> there = open(builder().store(anotherStore()));
    Call<String> early = loadOfOldValue(here);
    source.with("k", "new");
    there.invalidate("k");
    assertThat(there.get("k", key -> "new")).isEqualTo("new");
    eventually(() -> assertThat(there.stats().fills()).isEqualTo(1));

    source.resume();

    assertThat(early.result()).isEqualTo("old");
    eventually(() -> assertThat(here.stats().refusedFills()).isEqualTo(1));
    assertCached(here, "k", "new");
  }

  @Test
  void aFillOnItsWayWhenTheKeyIsInvalidatedIsRefused() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    source.with("k", "old");
    Hold fill = store.next(Operation.SWAP).hold();
    assertThat(cache.get("k", source::get)).isEqualTo("old");
    fill.awaitArrived();

    source.with("k", "new");
    cache.invalidate("k");
    fill.release();

    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    assertNewValueFromNowOn(cache);
  }

  @Test
  void anInvalidationBetweenTheGrantOfALeaseAndItsArrivalEndsTheLoad() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    source.with("k", "old");
    Hold granted = store.next(Operation.PUT_IF_ABSENT).holdReply();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    granted.awaitArrived();

    cache.invalidate("k");
    granted.release();

    assertThat(load.result()).isEqualTo("old");
    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    source.with("k", "new");
    cache.invalidate("k");
    assertNewValueFromNowOn(cache);
  }

  @Test
  void aLeaseThatIsLostWithoutAnInvalidationRefusesTheFillToo() throws Exception {
    CacheAside<String, String> cache = open();
    Call<String> load = loadOfOldValue(cache);

    store().remove(stored("k")).toCompletableFuture().get(10, TimeUnit.SECONDS);
    source.resume();

    assertThat(load.result()).isEqualTo("old");
    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    assertNotCached(cache, "k");
  }

  @Test
  void anAbsenceFromBeforeAnInvalidationIsNotCachedEither() throws Exception {
    CacheAside<String, String> cache = open(builder().absentTtl(Duration.ofMinutes(5)));
    source.pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    source.with("k", "new");
    cache.invalidate("k");
    source.resume();

    assertThat(load.result()).isNull();
    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    assertNewValueFromNowOn(cache);
  }

  /**
   * Readers and writers of one key in two processes. A writer commits the next number and then
   * invalidates; a reader notes what was invalidated last before it reads, and must get that or
   * something newer.
   */
  @Test
  void threadsLetLooseNeverReadAValueFromBeforeAnInvalidation() throws Exception {
    Codec<Integer> codec = JsonCodec.of(Integer.class);
    List<CacheAside<String, Integer>> processes =
        List.of(open(builder(codec)), open(builder(codec).store(anotherStore())));
    AtomicInteger committed = new AtomicInteger();
    AtomicInteger invalidated = new AtomicInteger();
    AtomicBoolean done = new AtomicBoolean();

    List<Call<Boolean>> writers = new ArrayList<>();
    List<Call<Boolean>> readers = new ArrayList<>();
    for (CacheAside<String, Integer> process : processes) {
      writers.add(
          callers.start(
              () -> {
                while (!done.get()) {
                  int written = committed.incrementAndGet();
                  process.invalidate("k");
                  invalidated.accumulateAndGet(written, Math::max);
                }
                return true;
              }));
      readers.addAll(
          callers.start(
              3,
              () -> {
                for (int i = 0; i < 200; i++) {
                  int atLeast = invalidated.get();
                  assertThat(process.get("k", key -> committed.get()))
                      .isGreaterThanOrEqualTo(atLeast);
                }
                return true;
              }));
    }
    Callers.results(readers);
    done.set(true);
    Callers.results(writers);

    for (CacheAside<String, Integer> process : processes) {
      assertThat(process.get("k", key -> committed.get())).isEqualTo(committed.get());
    }
  }
}
