package io.cacheaside.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.store.TimedState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Atomicity, order, batches and closing. */
abstract class StoreRaces extends StoreFixture {
  private static final int THREADS = 8;
  private static final int INCREMENTS = 100;
  private static final int STAMP_LENGTH = 36;
  private static final int ROUNDS = 2_000;
  private static final int ROUNDS_UNDER_WAY = 250;

  @Test
  void ofManyThatPutIfAbsentOneStores() throws Exception {
    for (int round = 0; round < 50; round++) {
      String key = key("put-race-" + round);
      List<byte @Nullable []> found =
          race(THREADS, own -> await(store().putIfAbsent(key, bytes("racer " + own), LONG)));

      byte[] stored = await(store().read(key));
      assertThat(found).containsOnlyOnce((byte[]) null);
      int winner = found.indexOf(null);
      assertThat(text(stored)).isEqualTo("racer " + winner);
      found.remove(winner);
      assertThat(found).allSatisfy(state -> assertThat(state).isEqualTo(stored));
    }
  }

  @Test
  void ofManySwapsOfOneStateOneSucceeds() throws Exception {
    String key = key("counter");
    put(key, counter(0));
    Set<Integer> won = ConcurrentHashMap.newKeySet();

    List<Integer> counted = race(THREADS, own -> incrementOften(key, won));

    assertThat(counted).containsOnly(INCREMENTS);
    assertThat(won).hasSize(THREADS * INCREMENTS);
    assertThat(count(text(await(store().read(key))))).isEqualTo(THREADS * INCREMENTS);
  }

  @Test
  void ofManyThatRemoveOneStateOneSucceeds() throws Exception {
    for (int round = 0; round < 50; round++) {
      String key = key("remove-race-" + round);
      put(key, "stamp:payload");
      List<Boolean> removed =
          race(
              THREADS,
              own ->
                  await(own % 2 == 0 ? store().remove(key, bytes("stamp:")) : store().remove(key)));

      assertThat(removed).containsOnlyOnce(true);
      assertNothing(key);
    }
  }

  @Test
  void ofSwapAndRemovalOfOneStateOneSucceeds() throws Exception {
    for (int round = 0; round < 100; round++) {
      String key = key("swap-or-remove-" + round);
      put(key, "stamp:payload");
      List<Boolean> done =
          race(
              2,
              own ->
                  await(
                      own == 0
                          ? store().swap(key, bytes("stamp:"), bytes("other:"), LONG)
                          : store().remove(key, bytes("stamp:"))));

      assertThat(done).containsOnlyOnce(true);
      assertThat(await(store().read(key)) != null).isEqualTo(done.get(0));
    }
  }

  @Test
  void operationsOfOneThreadOnOneKeyTakeEffectInTheirOrder() throws Exception {
    String key = key("order");
    for (int done = 0; done < ROUNDS; done += ROUNDS_UNDER_WAY) {
      List<CompletableFuture<Boolean>> rounds = new ArrayList<>();
      for (int round = done; round < done + ROUNDS_UNDER_WAY; round++) {
        rounds.add(putReadRemoveRead(key, "round " + round).toCompletableFuture());
      }
      for (CompletableFuture<Boolean> round : rounds) {
        assertThat(await(round)).isTrue();
      }
    }
  }

  @Test
  void conditionalOperationsTakeEffectInTheirOrderToo() throws Exception {
    String key = key("conditional-order");
    assertChain(conditionalChain(key));
    List<List<CompletionStage<?>>> chains = new ArrayList<>();
    for (int round = 0; round < ROUNDS_UNDER_WAY / 2; round++) {
      chains.add(conditionalChain(key));
    }
    for (List<CompletionStage<?>> chain : chains) {
      assertChain(chain);
    }
  }

  @Test
  void orderHoldsInsideOfABatch() throws Exception {
    String key = key("batch-order");
    List<CompletionStage<?>> chain = new ArrayList<>();

    store().batch(() -> chain.addAll(conditionalChain(key)));

    assertChain(chain);
  }

  @Test
  void aBatchDoesWhatItsOperationsDo() throws Exception {
    List<CompletionStage<byte @Nullable []>> before = new ArrayList<>();
    List<CompletionStage<byte @Nullable []>> after = new ArrayList<>();

    store()
        .batch(
            () -> {
              for (int i = 0; i < 200; i++) {
                String key = key("batch-" + i);
                before.add(store().read(key));
                store().put(key, bytes("state " + i), LONG);
                after.add(store().read(key));
              }
            });

    for (int i = 0; i < 200; i++) {
      assertThat(await(before.get(i))).isNull();
      assertThat(await(after.get(i))).isEqualTo(bytes("state " + i));
    }
  }

  @Test
  void batchesMayBeEmptyOrInsideOfEachOther() throws Exception {
    List<CompletionStage<?>> stages = new ArrayList<>();

    store().batch(() -> {});
    store()
        .batch(
            () -> {
              stages.add(store().put(key("outer"), bytes("1"), LONG));
              store().batch(() -> stages.add(store().put(key("inner"), bytes("2"), LONG)));
              stages.add(store().put(key("after"), bytes("3"), LONG));
            });

    for (CompletionStage<?> stage : stages) {
      await(stage);
    }
    assertState(key("outer"), "1");
    assertState(key("inner"), "2");
    assertState(key("after"), "3");
  }

  @Test
  void aBatchThatThrowsLeavesNothingUndone() throws Exception {
    List<CompletionStage<?>> stages = new ArrayList<>();
    IllegalStateException thrown = new IllegalStateException("from inside the batch");

    assertThatThrownBy(
            () ->
                store()
                    .batch(
                        () -> {
                          stages.add(store().put(key("thrown"), bytes("1"), LONG));
                          throw thrown;
                        }))
        .isSameAs(thrown);

    await(stages.get(0));
    assertState(key("thrown"), "1");
  }

  @Test
  void aBatchDoesNotHoldUpOtherThreads() throws Exception {
    CompletableFuture<Boolean> elsewhere = new CompletableFuture<>();

    store()
        .batch(
            () -> {
              store().read(key("own"));
              elsewhere.complete(completesElsewhere(() -> store().read(key("other"))));
            });

    assertThat(await(elsewhere)).isTrue();
  }

  @Test
  void copiesAreAwaited() throws Exception {
    List<String> keys = List.of(key("copied-1"), key("copied-2"), key("{copied}"));
    for (String key : keys) {
      put(key, "state");
      await(store().remove(key));
    }

    assertThat(failure(store().awaitCopies(keys.subList(0, 1)))).isNull();
    assertThat(failure(store().awaitCopies(keys))).isNull();
    assertThat(failure(store().awaitCopies(List.of()))).isNull();
    assertThat(failure(store().awaitCopies(List.of(key("never-written"))))).isNull();
  }

  @Test
  void pingsAreAnswered() throws Exception {
    assertThat(failure(store().ping())).isNull();
  }

  @ParameterizedTest
  @MethodSource("operations")
  void operationsAfterCloseFail(Function<Store, CompletionStage<?>> operation) throws Exception {
    store().close();

    CompletionStage<?> stage = operation.apply(store());

    assertFails(stage, Reason.CLOSED);
  }

  @Test
  void closingAgainDoesNothing() throws Exception {
    store().close();
    store().close();

    assertFails(store().ping(), Reason.CLOSED);
  }

  @Test
  void operationsUnderWayEndWhenTheStoreIsClosed() throws Exception {
    List<CompletionStage<?>> underWay = new ArrayList<>();
    for (int i = 0; i < ROUNDS_UNDER_WAY; i++) {
      underWay.add(store().read(key("closing-" + i)));
    }

    store().close();

    for (CompletionStage<?> stage : underWay) {
      assertThat(failure(stage))
          .satisfiesAnyOf(
              failure -> assertThat(failure).isNull(),
              failure -> assertThat(failure).isInstanceOf(StoreException.class));
    }
  }

  static Stream<Named<Function<Store, CompletionStage<?>>>> operations() {
    String key = "contract:closed";
    byte[] stamp = bytes("stamp:");
    return Stream.of(
        Named.of("read", store -> store.read(key)),
        Named.of("readTimed", store -> store.readTimed(key, 16)),
        Named.of("putIfAbsent", store -> store.putIfAbsent(key, stamp, LONG)),
        Named.of("put", store -> store.put(key, stamp, LONG)),
        Named.of("swap", store -> store.swap(key, stamp, stamp, LONG)),
        Named.of("swap keeping the TTL", store -> store.swap(key, stamp, stamp, null)),
        Named.of("swapHead", store -> store.swapHead(key, stamp, stamp, LONG)),
        Named.of("remove of a stamp", store -> store.remove(key, stamp)),
        Named.of("remove", store -> store.remove(key)),
        Named.of("removeMatching", store -> store.removeMatching(key, "*")),
        Named.of("ping", Store::ping),
        Named.of("read in a batch", StoreRaces::readInBatch));
  }

  private static boolean completesElsewhere(Supplier<CompletionStage<?>> operation) {
    CompletableFuture<CompletionStage<?>> issued = new CompletableFuture<>();
    new Thread(() -> issued.complete(operation.get())).start();
    try {
      return failure(issued.thenCompose(stage -> stage)) == null;
    } catch (Exception e) {
      throw new AssertionError("An operation of another thread did not complete", e);
    }
  }

  private static CompletionStage<?> readInBatch(Store store) {
    List<CompletionStage<?>> stages = new ArrayList<>();
    store.batch(() -> stages.add(store.read("contract:closed")));
    return stages.get(0);
  }

  private int incrementOften(String key, Set<Integer> won) throws Exception {
    int counted = 0;
    for (int i = 0; i < INCREMENTS; i++) {
      counted += increment(key, won);
    }
    return counted;
  }

  /** Counts up by one, trying as often as it takes; returns 1 if nobody else made the same step. */
  private int increment(String key, Set<Integer> won) throws Exception {
    while (true) {
      String state = text(await(store().read(key)));
      int next = count(state) + 1;
      byte[] stamp = bytes(state.substring(0, STAMP_LENGTH));
      if (await(store().swap(key, stamp, bytes(counter(next)), LONG))) {
        return won.add(next) ? 1 : 0;
      }
    }
  }

  private static String counter(int count) {
    return UUID.randomUUID() + ":" + count;
  }

  private static int count(String counter) {
    return Integer.parseInt(counter.substring(STAMP_LENGTH + 1));
  }

  private CompletionStage<Boolean> putReadRemoveRead(String key, String state) {
    CompletionStage<?> put = store().put(key, bytes(state), LONG);
    CompletionStage<byte @Nullable []> present = store().read(key);
    CompletionStage<Boolean> removed = store().remove(key);
    CompletionStage<byte @Nullable []> absent = store().read(key);
    return put.thenCombine(present, (nothing, found) -> Arrays.equals(found, bytes(state)))
        .thenCombine(removed, Boolean::logicalAnd)
        .thenCombine(absent, (right, found) -> right && found == null);
  }

  /** Issues a sequence in which every operation needs the one before, without waiting. */
  private List<CompletionStage<?>> conditionalChain(String key) {
    return List.of(
        store().putIfAbsent(key, bytes("one:payload"), LONG),
        store().swap(key, bytes("one:"), bytes("two:payload"), null),
        store().swapHead(key, bytes("two:"), bytes("six:"), LONG),
        store().read(key),
        store().readTimed(key, 4),
        store().remove(key, bytes("six:")),
        store().read(key));
  }

  private static void assertChain(List<CompletionStage<?>> chain) throws Exception {
    List<@Nullable Object> results = new ArrayList<>();
    for (CompletionStage<?> stage : chain) {
      results.add(await(stage));
    }
    assertThat(results.get(0)).isNull();
    assertThat(results.get(1)).isEqualTo(true);
    assertThat(results.get(2)).isEqualTo(true);
    assertThat(results.get(3)).isEqualTo(bytes("six:payload"));
    assertThat(results.get(4))
        .isInstanceOfSatisfying(
            TimedState.class, timed -> assertThat(timed.bytes()).isEqualTo(bytes("six:")));
    assertThat(results.get(5)).isEqualTo(true);
    assertThat(results.get(6)).isNull();
  }
}
