package io.cacheaside.testkit;

import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.store.TimedState;
import io.cacheaside.store.WatchedState;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A store that fails, loses replies or stops exactly where a test tells it to, and otherwise does
 * what the store behind it does.
 *
 * <p>Everything is decided by the test and nothing by chance or time, so a race becomes a sequence
 * of steps. Here a load is stopped right before it stores its result, and the key is invalidated in
 * between:
 *
 * <pre>{@code
 * FaultyStore store = new FaultyStore(InMemoryStore.create());
 * CacheAside<String, String> users =
 *     CacheAside.builder("users", Codec.string()).store(store).build();
 *
 * FaultyStore.Hold fill = store.next(FaultyStore.Operation.SWAP).hold();
 * var loading = CompletableFuture.supplyAsync(() -> users.get("42", id -> "Ada"));
 * fill.awaitArrived();          // loaded, about to be stored
 * users.invalidate("42");
 * fill.release();               // the outdated result finds its lease gone
 * }</pre>
 *
 * <p>And here the server does what it is asked, but the client never learns of it:
 *
 * <pre>{@code
 * store.next(FaultyStore.Operation.REMOVE).loseReply(StoreException.Reason.TIMED_OUT);
 * }</pre>
 *
 * <p><b>Scripts.</b> {@link #next} and {@link #every} select operations that are called from then
 * on, and the method called on the result says what happens to them. An operation follows the first
 * script, in the order in which they were written, that selects it and is not used up. {@link
 * #disconnect} goes before all scripts, {@link #heal} forgets them.
 *
 * <p><b>Order.</b> An operation that is held may be overtaken by later ones on the same key, also
 * of the same thread, as if those came over a connection of their own. Give each simulated process
 * its own {@code FaultyStore} over one shared store, and use {@link Selection#holdReply} where only
 * the answer is to be late.
 *
 * <p><b>Threads.</b> Thread-safe; no operation blocks. What is held is carried out by the thread
 * that releases it, and completes there. An operation without a fault is the other store's own.
 * {@link #batch} hands on its operations one by one, so each can be scripted.
 */
public final class FaultyStore extends ForwardingStore {

  /** The kinds of operations that can be scripted and are counted. */
  public enum Operation {
    /** {@link Store#read}. */
    READ,
    /** {@link Store#readTimed}. */
    READ_TIMED,
    /** {@link Store#readWatched}. */
    READ_WATCHED,
    /** {@link Store#putIfAbsent}, and {@link Store#swapEvenIfFull} of an empty key. */
    PUT_IF_ABSENT,
    /** {@link Store#put}. */
    PUT,
    /** {@link Store#swap}, and {@link Store#swapEvenIfFull} with a stamp. */
    SWAP,
    /** {@link Store#swapHead}. */
    SWAP_HEAD,
    /** {@link Store#remove(String)}, whatever is there. */
    REMOVE,
    /** {@link Store#remove(String, byte[])}, only what begins with a stamp. */
    REMOVE_STAMPED,
    /** {@link Store#removeMatching}; its key is the prefix. */
    REMOVE_MATCHING,
    /** {@link Store#awaitCopies}; its key is the first of those given, empty if there are none. */
    AWAIT_COPIES,
    /** {@link Store#ping()} and {@link Store#ping(String)}; their key is empty. */
    PING
  }

  private final Function<String, @Nullable String> nodes;
  private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
  private final Queue<Hold> holds = new ConcurrentLinkedQueue<>();
  private final Map<Call, LongAdder> calls = new ConcurrentHashMap<>();
  private volatile boolean connected = true;

  /** Creates a store without any faults over {@code delegate}. */
  public FaultyStore(Store delegate) {
    super(delegate);
    nodes = delegate::nodeOf;
  }

  /**
   * Creates a store without any faults whose keys are on several nodes, as in a cluster. Failures
   * of operations on a key name its node; {@link Selection#onNode} selects those on one node.
   *
   * @param nodes returns the name of the node of a key
   */
  public FaultyStore(Store delegate, UnaryOperator<String> nodes) {
    super(delegate);
    this.nodes = nodes;
  }

  /** Selects the next operation of a kind; several scripts select one after the other. */
  public Selection next(Operation operation) {
    return new Selection(EnumSet.of(operation), null, null, true);
  }

  /** Selects all operations of a kind, until {@link #heal}. */
  public Selection every(Operation operation) {
    return new Selection(EnumSet.of(operation), null, null, false);
  }

  /** Selects all operations of all kinds, until {@link #heal}. */
  public Selection every() {
    return new Selection(EnumSet.allOf(Operation.class), null, null, false);
  }

  /** Forgets all scripts. What is held already stays so until its {@link Hold} is released. */
  public void heal() {
    faults.clear();
  }

  /** Lets every operation fail unsent with {@link Reason#DISCONNECTED} until {@link #reconnect}. */
  public void disconnect() {
    connected = false;
  }

  /** Ends what {@link #disconnect} began. */
  public void reconnect() {
    connected = true;
  }

  /** Returns how often an operation was called, whatever became of it. */
  public long count(Operation operation) {
    return count((kind, key) -> kind == operation);
  }

  /** Returns how often an operation was called for a key, whatever became of it. */
  public long count(Operation operation, String key) {
    return count((kind, called) -> kind == operation && called.equals(key));
  }

  /** Begins counting at zero again. */
  public void resetCounts() {
    calls.clear();
  }

  @Override
  public CompletionStage<byte @Nullable []> read(String key) {
    return perform(Operation.READ, key, () -> delegate().read(key));
  }

  @Override
  public CompletionStage<@Nullable TimedState> readTimed(String key, int maxBytes) {
    return perform(Operation.READ_TIMED, key, () -> delegate().readTimed(key, maxBytes));
  }

  @Override
  public CompletionStage<@Nullable WatchedState> readWatched(String key) {
    return perform(Operation.READ_WATCHED, key, () -> delegate().readWatched(key));
  }

  @Override
  public CompletionStage<byte @Nullable []> putIfAbsent(String key, byte[] state, Duration ttl) {
    return perform(Operation.PUT_IF_ABSENT, key, () -> delegate().putIfAbsent(key, state, ttl));
  }

  @Override
  public CompletionStage<@Nullable Void> put(String key, byte[] state, Duration ttl) {
    return perform(Operation.PUT, key, () -> delegate().put(key, state, ttl));
  }

  @Override
  public CompletionStage<Boolean> swap(
      String key, byte[] stamp, byte[] state, @Nullable Duration ttl) {
    return perform(Operation.SWAP, key, () -> delegate().swap(key, stamp, state, ttl));
  }

  @Override
  public CompletionStage<Boolean> swapEvenIfFull(
      String key, byte @Nullable [] stamp, byte[] state, Duration ttl) {
    return perform(
        stamp == null ? Operation.PUT_IF_ABSENT : Operation.SWAP,
        key,
        () -> delegate().swapEvenIfFull(key, stamp, state, ttl));
  }

  @Override
  public CompletionStage<Boolean> swapHead(
      String key, byte[] stamp, byte[] head, @Nullable Duration ttl) {
    return perform(Operation.SWAP_HEAD, key, () -> delegate().swapHead(key, stamp, head, ttl));
  }

  @Override
  public CompletionStage<Boolean> remove(String key, byte[] stamp) {
    return perform(Operation.REMOVE_STAMPED, key, () -> delegate().remove(key, stamp));
  }

  @Override
  public CompletionStage<Boolean> remove(String key) {
    return perform(Operation.REMOVE, key, () -> delegate().remove(key));
  }

  @Override
  public CompletionStage<Long> removeMatching(String prefix, String glob) {
    return perform(
        Operation.REMOVE_MATCHING, prefix, () -> delegate().removeMatching(prefix, glob));
  }

  @Override
  public CompletionStage<@Nullable Void> awaitCopies(List<String> keys) {
    String key = keys.isEmpty() ? "" : keys.get(0);
    return perform(Operation.AWAIT_COPIES, key, () -> delegate().awaitCopies(keys));
  }

  @Override
  public CompletionStage<@Nullable Void> ping() {
    return perform(Operation.PING, "", null, () -> delegate().ping());
  }

  @Override
  public @Nullable String nodeOf(String key) {
    return nodes.apply(key);
  }

  @Override
  public CompletionStage<@Nullable Void> ping(String node) {
    return perform(Operation.PING, "", node, () -> delegate().ping(node));
  }

  /** Closes the store behind this one too; what is held fails with {@link Reason#CLOSED}. */
  @Override
  public void close() {
    super.close();
    holds.forEach(hold -> hold.fail(Reason.CLOSED));
  }

  private long count(BiPredicate<Operation, String> selected) {
    return calls.entrySet().stream()
        .filter(entry -> selected.test(entry.getKey().operation(), entry.getKey().key()))
        .mapToLong(entry -> entry.getValue().sum())
        .sum();
  }

  private <T extends @Nullable Object> CompletionStage<T> perform(
      Operation operation, String key, Supplier<CompletionStage<T>> call) {
    return perform(operation, key, nodes.apply(key), call);
  }

  private <T extends @Nullable Object> CompletionStage<T> perform(
      Operation operation, String key, @Nullable String node, Supplier<CompletionStage<T>> call) {
    calls.computeIfAbsent(new Call(operation, key), absent -> new LongAdder()).increment();
    if (!connected) {
      return CompletableFuture.failedFuture(failure(Reason.DISCONNECTED));
    }
    for (Fault fault : faults) {
      if (fault.befalls(operation, key, node)) {
        return node == null ? fault.perform(call) : named(fault.perform(call), node);
      }
    }
    return call.get();
  }

  private static StoreException failure(Reason reason) {
    return new StoreException(reason, "The test wants this operation to fail: " + reason, null);
  }

  /** Lets failures name a node. */
  private static <T extends @Nullable Object> CompletionStage<T> named(
      CompletionStage<T> stage, String node) {
    CompletableFuture<T> result = new CompletableFuture<>();
    stage.whenComplete(
        (value, failure) -> {
          if (failure instanceof StoreException known) {
            result.completeExceptionally(
                new StoreException(
                    known.reason(), String.valueOf(known.getMessage()), known.getCause(), node));
          } else {
            Fault.settle(result, value, failure);
          }
        });
    return result;
  }

  private record Call(Operation operation, String key) {}

  /** One thing that goes wrong: where operations wait before and after they are carried out. */
  private record Fault(Selection selection, AtomicBoolean used, Hold before, Hold after) {

    /** Returns whether it happens to this operation; if it happens once only, it then has. */
    boolean befalls(Operation operation, String key, @Nullable String node) {
      return selection.selects(operation, key, node)
          && (!selection.once || used.compareAndSet(false, true));
    }

    <T extends @Nullable Object> CompletionStage<T> perform(Supplier<CompletionStage<T>> call) {
      CompletableFuture<T> result = new CompletableFuture<>();
      before.pass(
          result,
          () ->
              attempt(call)
                  .whenComplete(
                      (value, failure) ->
                          after.pass(result, () -> settle(result, value, failure))));
      return result;
    }

    private static <T extends @Nullable Object> CompletionStage<T> attempt(
        Supplier<CompletionStage<T>> call) {
      try {
        return call.get();
      } catch (RuntimeException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    private static <T extends @Nullable Object> void settle(
        CompletableFuture<T> result, T value, @Nullable Throwable failure) {
      if (failure == null) {
        result.complete(value);
      } else {
        result.completeExceptionally(failure);
      }
    }
  }

  /**
   * Operations that were selected, waiting to be told what happens to them. Each call of {@link
   * #fail}, {@link #loseReply}, {@link #hold} or {@link #holdReply} is one script; {@link #of}
   * narrows the selection before.
   */
  public final class Selection {
    private final Set<Operation> operations;
    private final @Nullable String key;
    private final @Nullable String node;
    private final boolean once;

    private Selection(
        Set<Operation> operations, @Nullable String key, @Nullable String node, boolean once) {
      this.operations = operations;
      this.key = key;
      this.node = node;
      this.once = once;
    }

    /** Returns a selection of those on one key only. */
    public Selection of(String key) {
      return new Selection(operations, key, node, once);
    }

    /** Returns a selection of those on the keys of one node only, and of pings of that node. */
    public Selection onNode(String node) {
      return new Selection(operations, key, node, once);
    }

    /**
     * Lets them fail without being carried out. With {@link Reason#TIMED_OUT} and {@link
     * Reason#INTERRUPTED} the caller cannot know that they were not.
     */
    public void fail(Reason reason) {
      add(Hold.failed(reason), Hold.released());
    }

    /**
     * Lets them be carried out, and then fail as if the reply had got lost.
     *
     * @param reason {@link Reason#TIMED_OUT}, {@link Reason#INTERRUPTED} or {@link
     *     Reason#UNEXPECTED}; the others would say that nothing was done
     */
    public void loseReply(Reason reason) {
      if (!failure(reason).isOutcomeUnknown()) {
        throw new IllegalArgumentException(
            "reason is " + reason + ", which says that nothing was done; use fail, or TIMED_OUT");
      }
      add(Hold.released(), Hold.failed(reason));
    }

    /** Stops them before they are carried out, until they are released. */
    public Hold hold() {
      Hold before = new Hold();
      holds.add(before);
      add(before, Hold.released());
      return before;
    }

    /** Lets them be carried out at once and holds their replies back until they are released. */
    public Hold holdReply() {
      Hold after = new Hold();
      holds.add(after);
      add(Hold.released(), after);
      return after;
    }

    private void add(Hold before, Hold after) {
      faults.add(new Fault(this, new AtomicBoolean(), before, after));
    }

    private boolean selects(Operation operation, String called, @Nullable String at) {
      return operations.contains(operation)
          && (key == null || key.equals(called))
          && (node == null || node.equals(at));
    }
  }

  /** Where operations wait for the test. Thread-safe. */
  public static final class Hold {
    private static final long DEADLINE_SECONDS = 10;

    private final Semaphore arrivals = new Semaphore(0);
    private final CompletableFuture<@Nullable Void> release = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Void> failure = new CompletableFuture<>();

    private Hold() {}

    private static Hold released() {
      Hold hold = new Hold();
      hold.release();
      return hold;
    }

    private static Hold failed(Reason reason) {
      Hold hold = new Hold();
      hold.fail(reason);
      return hold;
    }

    /**
     * Waits until an operation, or its reply, has arrived here, now or earlier.
     *
     * @throws AssertionError if none came within 10 s
     */
    public void awaitArrived() throws InterruptedException {
      awaitArrived(1);
    }

    /**
     * Waits until {@code operations} of them have arrived here, earlier ones included.
     *
     * @throws AssertionError if fewer came within 10 s
     */
    public void awaitArrived(int operations) throws InterruptedException {
      if (!arrivals.tryAcquire(operations, DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError(
            "Waited %d s for %d operations, but %d arrived"
                .formatted(DEADLINE_SECONDS, operations, arrivals.availablePermits()));
      }
      arrivals.release(operations);
    }

    /**
     * Lets everything that waits here go on, on this thread, and later ones pass. After {@link
     * #fail} with an unknown outcome the operation is carried out late, with nobody waiting for its
     * reply; after one with a known outcome this does nothing.
     */
    public void release() {
      release.complete(null);
    }

    /**
     * Lets the callers see a failure. If its outcome is {@linkplain
     * StoreException#isOutcomeUnknown() unknown}, the operation itself goes on waiting here: it
     * takes effect late when it is released, or never. Does nothing after {@link #release}.
     */
    public void fail(Reason reason) {
      if (release.isDone()) {
        return;
      }
      StoreException exception = FaultyStore.failure(reason);
      if (!exception.isOutcomeUnknown()) {
        release.completeExceptionally(exception);
      }
      failure.completeExceptionally(exception);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the result tells what comes of both
    private void pass(CompletableFuture<?> result, Runnable next) {
      failure.whenComplete((never, exception) -> result.completeExceptionally(exception));
      release.thenRun(next);
      arrivals.release();
    }
  }
}
