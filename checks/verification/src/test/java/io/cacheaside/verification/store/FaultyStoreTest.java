package io.cacheaside.verification.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Hold;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.testkit.StoreContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Without faults it is a store like any other; with them, it does what it was told. */
class FaultyStoreTest extends StoreContract {
  private static final Duration TTL = Duration.ofHours(1);
  private static final byte[] STATE = bytes("stamp:payload");
  private static final byte[] OTHER = bytes("other:payload");
  private static final byte[] STAMP = bytes("stamp:");

  private final AtomicLong now = new AtomicLong();
  private final InMemoryStore shared = InMemoryStore.create();
  private final FaultyStore faulty = new FaultyStore(shared);

  private InMemoryStore lastOpened;

  @Override
  protected Store open() {
    lastOpened = InMemoryStore.builder().nanoTime(now::get).build();
    return new FaultyStore(lastOpened);
  }

  /** Only states fit in here; one without a header comes nearest. */
  @Override
  protected void putForeign(String key) {
    result(lastOpened.put(key, new byte[0], TTL));
  }

  @Override
  protected long nanoTime() {
    return now.get();
  }

  @Override
  protected void passTime() {
    now.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
  }

  @ParameterizedTest
  @EnumSource
  void everyOperationCanFailWithoutBeingCarriedOut(Operation operation) {
    shared.put("key", STATE, TTL);
    faulty.next(operation).fail(Reason.OVERLOADED);

    assertThat(failure(perform(operation))).isEqualTo(Reason.OVERLOADED);
    assertThat(result(shared.read("key"))).isEqualTo(STATE);

    assertThat(failure(perform(operation))).isNull();
  }

  @ParameterizedTest
  @EnumSource(names = {"PUT", "SWAP", "SWAP_HEAD", "REMOVE", "REMOVE_STAMPED", "REMOVE_MATCHING"})
  void everyOperationCanLoseItsReplyAndTakeEffect(Operation operation) {
    shared.put("key", STATE, TTL);
    faulty.next(operation).loseReply(Reason.INTERRUPTED);

    assertThat(failure(perform(operation))).isEqualTo(Reason.INTERRUPTED);

    assertThat(result(shared.read("key"))).isNotEqualTo(STATE);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"TIMED_OUT", "INTERRUPTED", "UNEXPECTED"},
      mode = Mode.EXCLUDE)
  void aLostReplyIsNeverAClearFailure(Reason clear) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> faulty.next(Operation.PUT).loseReply(clear))
        .withMessageContaining(clear.name());
  }

  @Test
  void nextSelectsOneAfterTheOther() {
    faulty.next(Operation.READ).fail(Reason.TIMED_OUT);
    faulty.next(Operation.READ).fail(Reason.REFUSED);

    assertThat(failure(faulty.ping())).isNull();
    assertThat(failure(faulty.read("key"))).isEqualTo(Reason.TIMED_OUT);
    assertThat(failure(faulty.read("key"))).isEqualTo(Reason.REFUSED);
    assertThat(failure(faulty.read("key"))).isNull();
  }

  @Test
  void everySelectsUntilItIsHealed() {
    faulty.every(Operation.READ).fail(Reason.TIMED_OUT);

    assertThat(failure(faulty.read("key"))).isEqualTo(Reason.TIMED_OUT);
    assertThat(failure(faulty.read("other"))).isEqualTo(Reason.TIMED_OUT);
    assertThat(failure(faulty.ping())).isNull();

    faulty.heal();
    assertThat(failure(faulty.read("key"))).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void everythingCanBeSelected(Operation operation) {
    faulty.every().fail(Reason.REFUSED);

    assertThat(failure(perform(operation))).isEqualTo(Reason.REFUSED);
  }

  @Test
  void aSelectionCanBeNarrowedToOneKey() {
    faulty.next(Operation.PUT).of("key").fail(Reason.TIMED_OUT);

    assertThat(failure(faulty.put("other", STATE, TTL))).isNull();
    assertThat(failure(faulty.put("key", STATE, TTL))).isEqualTo(Reason.TIMED_OUT);
    assertThat(failure(faulty.put("key", STATE, TTL))).isNull();
  }

  @Test
  void ofManyAtOnceOneFindsTheNextFault() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 200; round++) {
        faulty.next(Operation.READ).fail(Reason.TIMED_OUT);
        List<Future<Reason>> reads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          reads.add(executor.submit(() -> failure(faulty.read("key"))));
        }
        int failed = 0;
        for (Future<Reason> read : reads) {
          failed += read.get(20, TimeUnit.SECONDS) == null ? 0 : 1;
        }
        assertThat(failed).isEqualTo(1);
      }
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void aHeldOperationTakesEffectWhenItIsReleased() throws Exception {
    shared.put("key", STATE, TTL);
    Hold hold = faulty.next(Operation.SWAP).hold();

    CompletableFuture<Boolean> swapped = future(faulty.swap("key", STAMP, OTHER, TTL));
    hold.awaitArrived();
    assertThat(swapped).isNotDone();
    assertThat(result(faulty.read("key"))).isEqualTo(STATE);

    hold.release();
    assertThat(swapped).isCompletedWithValue(true);
    assertThat(result(faulty.read("key"))).isEqualTo(OTHER);
  }

  @Test
  void aHeldOperationMeetsWhatHappenedMeanwhile() throws Exception {
    shared.put("key", STATE, TTL);
    Hold hold = faulty.next(Operation.SWAP).hold();
    CompletableFuture<Boolean> swapped = future(faulty.swap("key", STAMP, OTHER, TTL));
    hold.awaitArrived();

    faulty.remove("key");
    hold.release();

    assertThat(swapped).isCompletedWithValue(false);
    assertThat(result(shared.read("key"))).isNull();
  }

  @Test
  void aHeldReplyIsThatOfTheMomentOfExecution() throws Exception {
    shared.put("key", STATE, TTL);
    Hold hold = faulty.next(Operation.READ).holdReply();
    CompletableFuture<byte[]> read = future(faulty.read("key"));
    hold.awaitArrived();

    shared.put("key", OTHER, TTL);
    assertThat(read).isNotDone();
    hold.release();

    assertThat(read).isCompletedWithValue(STATE);
  }

  @Test
  void aHoldReleasedBeforehandLetsPass() throws Exception {
    Hold hold = faulty.next(Operation.READ).hold();
    hold.release();

    assertThat(future(faulty.read("key"))).isCompletedWithValue(null);
    hold.awaitArrived();
  }

  @Test
  void aHoldOfEveryCollectsAll() throws Exception {
    Hold hold = faulty.every(Operation.READ).hold();
    List<CompletableFuture<byte[]>> reads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      reads.add(future(faulty.read("key-" + i)));
    }

    hold.awaitArrived(3);
    hold.awaitArrived(2);
    assertThat(reads).noneMatch(CompletableFuture::isDone);

    hold.release();
    assertThat(reads).allMatch(CompletableFuture::isDone);
    assertThat(future(faulty.read("later"))).isCompletedWithValue(null);
  }

  @Test
  void awaitingWakesWhenAnotherThreadArrives() throws Exception {
    Hold hold = faulty.next(Operation.READ).hold();
    Thread reader = new Thread(() -> faulty.read("key"));
    reader.start();

    hold.awaitArrived();

    assertThat(faulty.count(Operation.READ)).isEqualTo(1);
  }

  @Test
  void anUnclearFailureOfAHeldOperationMayTakeEffectLate() throws Exception {
    shared.put("key", STATE, TTL);
    Hold hold = faulty.next(Operation.REMOVE).hold();
    CompletionStage<Boolean> removed = faulty.remove("key");

    hold.fail(Reason.TIMED_OUT);
    assertThat(failure(removed)).isEqualTo(Reason.TIMED_OUT);
    assertThat(result(shared.read("key"))).isEqualTo(STATE);

    hold.release();
    assertThat(result(shared.read("key"))).isNull();
  }

  @Test
  void aClearFailureOfAHeldOperationIsFinal() throws Exception {
    shared.put("key", STATE, TTL);
    Hold hold = faulty.next(Operation.REMOVE).hold();
    CompletionStage<Boolean> removed = faulty.remove("key");

    hold.fail(Reason.OVERLOADED);
    hold.release();

    assertThat(failure(removed)).isEqualTo(Reason.OVERLOADED);
    assertThat(result(shared.read("key"))).isEqualTo(STATE);
  }

  @Test
  void aReleaseIsFinal() {
    Hold hold = faulty.every(Operation.READ).hold();
    hold.release();

    hold.fail(Reason.REFUSED);

    assertThat(failure(faulty.read("key"))).isNull();
  }

  @Test
  void aHeldReplyCanGetLost() {
    Hold hold = faulty.next(Operation.PUT).holdReply();
    CompletionStage<Void> put = faulty.put("key", STATE, TTL);

    hold.fail(Reason.INTERRUPTED);

    assertThat(failure(put)).isEqualTo(Reason.INTERRUPTED);
    assertThat(result(shared.read("key"))).isEqualTo(STATE);
  }

  @Test
  void healingReleasesNothing() {
    Hold hold = faulty.next(Operation.READ).hold();
    CompletableFuture<byte[]> read = future(faulty.read("key"));

    faulty.heal();

    assertThat(read).isNotDone();
    hold.release();
    assertThat(read).isDone();
  }

  @ParameterizedTest
  @EnumSource
  void everyOperationFailsUnsentWhileDisconnected(Operation operation) {
    shared.put("key", STATE, TTL);
    faulty.disconnect();

    assertThat(failure(perform(operation))).isEqualTo(Reason.DISCONNECTED);
    assertThat(result(shared.read("key"))).isEqualTo(STATE);

    faulty.reconnect();
    assertThat(failure(perform(operation))).isNull();
  }

  @Test
  void disconnectingUsesUpNoFaults() {
    faulty.next(Operation.READ).fail(Reason.REFUSED);
    faulty.disconnect();
    assertThat(failure(faulty.read("key"))).isEqualTo(Reason.DISCONNECTED);
    faulty.reconnect();

    assertThat(failure(faulty.read("key"))).isEqualTo(Reason.REFUSED);
  }

  @ParameterizedTest
  @EnumSource
  void everyOperationIsCounted(Operation operation) {
    perform(operation);
    faulty.next(operation).fail(Reason.REFUSED);
    perform(operation);
    faulty.disconnect();
    perform(operation);

    for (Operation other : Operation.values()) {
      assertThat(faulty.count(other)).isEqualTo(other == operation ? 3 : 0);
    }
    faulty.resetCounts();
    assertThat(faulty.count(operation)).isZero();
  }

  @Test
  void operationsAreCountedByKey() {
    faulty.read("a");
    faulty.read("a");
    faulty.read("b");
    faulty.removeMatching("a", "*");
    faulty.awaitCopies(List.of("a", "b"));
    faulty.awaitCopies(List.of());

    assertThat(faulty.count(Operation.READ, "a")).isEqualTo(2);
    assertThat(faulty.count(Operation.READ, "b")).isEqualTo(1);
    assertThat(faulty.count(Operation.READ, "c")).isZero();
    assertThat(faulty.count(Operation.REMOVE_MATCHING, "a")).isEqualTo(1);
    assertThat(faulty.count(Operation.AWAIT_COPIES, "a")).isEqualTo(1);
    assertThat(faulty.count(Operation.AWAIT_COPIES, "")).isEqualTo(1);
  }

  @Test
  void operationsInABatchAreScriptedAndCountedToo() {
    faulty.next(Operation.PUT).of("b").fail(Reason.REFUSED);
    List<CompletionStage<Void>> puts = new ArrayList<>();

    faulty.batch(() -> List.of("a", "b").forEach(key -> puts.add(faulty.put(key, STATE, TTL))));

    assertThat(failure(puts.get(0))).isNull();
    assertThat(failure(puts.get(1))).isEqualTo(Reason.REFUSED);
    assertThat(faulty.count(Operation.PUT)).isEqualTo(2);
  }

  @Test
  void closingFailsWhatIsHeldAndClosesTheStoreBehind() {
    Hold hold = faulty.next(Operation.READ).hold();
    CompletionStage<byte[]> read = faulty.read("key");

    faulty.close();

    assertThat(failure(read)).isEqualTo(Reason.CLOSED);
    assertThat(failure(shared.ping())).isEqualTo(Reason.CLOSED);
    hold.release();
  }

  @Test
  void aWrongArgumentOfAHeldOperationIsNotLost() {
    Hold hold = faulty.next(Operation.PUT).hold();
    CompletableFuture<Void> put = future(faulty.put("key", STATE, Duration.ZERO));

    hold.release();

    assertThatThrownBy(put::join).hasCauseInstanceOf(IllegalArgumentException.class);
  }

  private CompletionStage<?> perform(Operation operation) {
    Map<Operation, Supplier<CompletionStage<?>>> operations = new EnumMap<>(Operation.class);
    operations.put(Operation.READ, () -> faulty.read("key"));
    operations.put(Operation.READ_TIMED, () -> faulty.readTimed("key", 16));
    operations.put(Operation.READ_WATCHED, () -> faulty.readWatched("key"));
    operations.put(Operation.PUT_IF_ABSENT, () -> faulty.putIfAbsent("key", OTHER, TTL));
    operations.put(Operation.PUT, () -> faulty.put("key", OTHER, TTL));
    operations.put(Operation.SWAP, () -> faulty.swap("key", STAMP, OTHER, TTL));
    operations.put(Operation.SWAP_HEAD, () -> faulty.swapHead("key", STAMP, bytes("x"), TTL));
    operations.put(Operation.REMOVE, () -> faulty.remove("key"));
    operations.put(Operation.REMOVE_STAMPED, () -> faulty.remove("key", STAMP));
    operations.put(Operation.REMOVE_MATCHING, () -> faulty.removeMatching("key", "*"));
    operations.put(Operation.AWAIT_COPIES, () -> faulty.awaitCopies(List.of("key")));
    operations.put(Operation.PING, faulty::ping);
    return operations.get(operation).get();
  }

  /** Returns why a completed stage failed, as its dependents see it, or null. */
  private static Reason failure(CompletionStage<?> stage) {
    assertThat(future(stage)).isDone();
    AtomicReference<Throwable> seen = new AtomicReference<>();
    stage.whenComplete((value, failure) -> seen.set(failure));
    return seen.get() == null ? null : ((StoreException) seen.get()).reason();
  }

  private static <T> T result(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static <T> CompletableFuture<T> future(CompletionStage<T> stage) {
    return stage.toCompletableFuture();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
