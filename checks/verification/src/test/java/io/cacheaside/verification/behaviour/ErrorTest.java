package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.CacheListener;
import io.cacheaside.Environment;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.RetryPolicy;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * G4: an {@code Error} at any call of the cache into its environment, executor, store, codec or
 * listener ends the call that met it. It leaves no later reader without an answer.
 */
@InMemoryOnly
@Tag("races")
@Timeout(300)
class ErrorTest extends CacheTest {
  private static final Executor POOL = Executors.newCachedThreadPool(CacheTest::step);
  private static final Duration LOAD_TIMEOUT = Duration.ofMillis(100);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Set<Class<?>> PARTS =
      Set.of(Executor.class, ExecutorService.class, Environment.Timer.class);
  private static final int UNTOUCHED = 2;
  private static final int MOST_CALLS = 300;

  private final Fuse fuse = new Fuse();

  /** Throws an error at one of the calls from now on. */
  private static final class Fuse {
    private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);

    void arm(int call) {
      left.set(call);
    }

    /** Returns whether the error was thrown. */
    boolean disarm() {
      return left.getAndSet(Integer.MAX_VALUE) <= 0;
    }

    boolean isBlown() {
      return left.get() <= 0;
    }

    void call() {
      if (left.decrementAndGet() == 0) {
        throw new InjectedError();
      }
    }
  }

  private static final class InjectedError extends VirtualMachineError {
    private static final long serialVersionUID = 1L;

    InjectedError() {
      super("injected");
    }
  }

  /** Returns something whose every method may throw the error instead, and so may its parts. */
  private <T> T guarded(Class<T> type, Object delegate) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (method.getDeclaringClass() != Object.class) {
                fuse.call();
              }
              try {
                Object result = method.invoke(delegate, arguments);
                Class<?> part = method.getReturnType();
                return result != null && PARTS.contains(part) ? guarded(part, result) : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  private CacheAsideBuilder<String, String> fusedBuilder() {
    return fusedBuilderOnOneExecutor().executor(guarded(Executor.class, POOL));
  }

  /** Returns a builder of a cache that has no other executor if that of the environment throws. */
  @SuppressWarnings("unchecked")
  private CacheAsideBuilder<String, String> fusedBuilderOnOneExecutor() {
    return CacheAside.builder(name, (Codec<String>) guarded(Codec.class, Codec.string()))
        .store(guarded(Store.class, store()))
        .environment(guarded(Environment.class, Environment.system()))
        .listener((CacheListener<String>) guarded(CacheListener.class, new Listener()))
        .ttlJitter(0)
        .leaseTime(LOAD_TIMEOUT)
        .loadTimeout(LOAD_TIMEOUT)
        .closeTimeout(LOAD_TIMEOUT);
  }

  private static final class Listener implements CacheListener<String> {}

  /**
   * Lets something meet the error at its first call, at its second one, and so on, until it meets
   * none. What it does ends each time, and so does a later read of the key.
   */
  private void meetingErrors(
      CacheAsideBuilder<String, String> builder,
      Consumer<String> preparation,
      CacheConsumer operation)
      throws Exception {
    CacheAside<String, String> cache = open(builder);
    int untouched = 0;
    for (int call = 1; untouched < UNTOUCHED; call++) {
      assertThat(call).as("calls into what the cache is given").isLessThan(MOST_CALLS);
      String key = "k" + call;
      preparation.accept(key);
      fuse.arm(call);
      Call<Boolean> first = callers.start(() -> operation.accept(cache, key));
      Call<String> second = callers.start(() -> cache.get(key, k -> "v"));
      awaitEnd(first);
      awaitEnd(second);
      untouched = fuse.disarm() ? 0 : untouched + 1;

      assertThat(callers.start(() -> cache.get(key, k -> "v")).result())
          .as("a read after the error at call " + call)
          .isNotNull();
    }
    Call<Boolean> closing = callers.start(() -> closed(cache));
    assertThat(closing.result()).isTrue();
  }

  /** Waits until a call has returned or thrown something. */
  private static void awaitEnd(Call<?> call) throws Exception {
    try {
      call.result();
    } catch (AssertionError failed) {
      if (failed.getCause() == null) {
        throw failed;
      }
    }
  }

  private interface CacheConsumer {
    boolean accept(CacheAside<String, String> cache, String key) throws Exception;
  }

  private static boolean closed(CacheAside<?, ?> cache) {
    cache.close();
    return true;
  }

  private static boolean read(CacheAside<String, String> cache, String key) {
    return cache.get(key, k -> "v") != null;
  }

  @Test
  void inARead() throws Exception {
    meetingErrors(fusedBuilder(), key -> {}, ErrorTest::read);
  }

  @Test
  void inAReadOfSeveral() throws Exception {
    meetingErrors(
        fusedBuilder(),
        key -> {},
        (cache, key) -> !cache.getAll(List.of(key, key + "b"), BulkTest::itself).isEmpty());
  }

  @Test
  void inAReadBehindAHoldOff() throws Exception {
    CacheAside<String, String> preparing =
        open(CacheAside.builder(name, Codec.string()).store(anotherStore()).holdOff(HOUR));
    meetingErrors(fusedBuilder().holdOff(HOUR), preparing::invalidate, ErrorTest::read);
  }

  @Test
  void inAReadOfAnOldValue() throws Exception {
    CacheAside<String, String> preparing =
        open(
            CacheAside.builder(name, Codec.string())
                .store(anotherStore())
                .staleWhileRevalidate(HOUR)
                .staleIfError(HOUR));
    meetingErrors(
        fusedBuilder().staleWhileRevalidate(HOUR).staleIfError(HOUR),
        key -> {
          preparing.put(key, "old");
          preparing.markStale(key);
        },
        ErrorTest::read);
  }

  /** G5: the failure is seen, and what is not confirmed is not read in this process. */
  @Test
  void inAnInvalidation() throws Exception {
    CacheAside<String, String> preparing = open(builder().store(anotherStore()));
    CacheAside<String, String> cache = open(fusedBuilder());
    int untouched = 0;
    for (int call = 1; untouched < UNTOUCHED; call++) {
      assertThat(call).isLessThan(MOST_CALLS);
      String key = "k" + call;
      preparing.put(key, "old");
      fuse.arm(call);
      Call<Boolean> invalidation = callers.start(() -> invalidated(cache, key));
      awaitEnd(invalidation);
      untouched = fuse.disarm() ? 0 : untouched + 1;

      if (!isThrownAtOnce(invalidation)) {
        assertThat(callers.start(() -> cache.get(key, k -> "new")).result())
            .as("a read after the error at call " + call)
            .isEqualTo("new");
      }
    }
    assertThat(callers.start(() -> closed(cache)).result()).isTrue();
  }

  /** The source is read until the invalidation has been repeated, which it is. */
  @Test
  void inTheRepetitionOfAnInvalidation() throws Exception {
    FaultyStore store = faultyStore();
    FakeTime time = FakeTime.withHeldTasks();
    CacheAside<String, String> cache =
        open(
            fusedBuilderOnOneExecutor()
                .store(guarded(Store.class, store))
                .environment(guarded(Environment.class, time))
                .invalidationRetry(RetryPolicy.none()));
    int untouched = 0;
    for (int call = 1; untouched < UNTOUCHED; call++) {
      assertThat(call).isLessThan(MOST_CALLS);
      String key = "k" + call;
      store.next(Operation.REMOVE).fail(Reason.REFUSED);
      assertThat(whilePassing(time, Duration.ZERO, () -> invalidated(cache, key)).failure())
          .isInstanceOf(InvalidationFailedException.class);
      fuse.arm(call);

      await()
          .dontCatchUncaughtExceptions()
          .atMost(Callers.DEADLINE)
          .pollInterval(Duration.ofMillis(2))
          .untilAsserted(() -> assertThat(repeated(cache, key, time)).isTrue());

      untouched = fuse.disarm() ? 0 : untouched + 1;
    }
  }

  /** Nothing but the timer repeats here: nobody reads. */
  @Test
  void inTheExecutorThatIsToRepeatAndThenInThatOfTheAnswer() throws Exception {
    FaultyStore store = faultyStore();
    FakeTime time = FakeTime.withHeldTasks();
    CacheAside<String, String> cache =
        open(
            fusedBuilderOnOneExecutor()
                .store(store)
                .environment(guarded(Environment.class, time))
                .invalidationRetry(RetryPolicy.none()));
    store.next(Operation.REMOVE).fail(Reason.REFUSED);
    assertThat(whilePassing(time, Duration.ZERO, () -> invalidated(cache, "k")).failure())
        .isInstanceOf(InvalidationFailedException.class);
    FaultyStore.Hold answer = store.next(Operation.REMOVE).holdReply();

    fuse.arm(1);
    assertThatExceptionOfType(InjectedError.class).isThrownBy(() -> time.advance(LOAD_TIMEOUT));
    fuse.disarm();
    time.advance(LOAD_TIMEOUT.multipliedBy(2));
    answer.awaitArrived();

    fuse.arm(1);
    answer.release();

    eventually(() -> assertThat(fuse.isBlown()).isTrue());
    eventually(
        () -> {
          time.advance(LOAD_TIMEOUT);
          assertThat(cache.stats().unconfirmedInvalidations()).isZero();
        });
  }

  /**
   * Lets time pass, so that a repetition is due. Then reads while time passes, so that a load that
   * met the error is over.
   */
  private boolean repeated(CacheAside<String, String> cache, String key, FakeTime time)
      throws Exception {
    awaitEnd(callers.start(() -> passed(time, LOAD_TIMEOUT)));
    awaitEnd(whilePassing(time, LOAD_TIMEOUT, () -> read(cache, key)));
    return callers.start(() -> cache.stats().unconfirmedInvalidations() == 0).result();
  }

  /** Runs the tasks of the cache, and lets time pass step by step, until a call has ended. */
  private <T> Call<T> whilePassing(FakeTime time, Duration step, Callable<T> call)
      throws Exception {
    Call<T> begun = callers.start(call);
    do {
      awaitEnd(callers.start(() -> passed(time, step)));
    } while (!begun.isDone());
    return begun;
  }

  private static boolean passed(FakeTime time, Duration step) {
    time.advance(step);
    return true;
  }

  private static boolean invalidated(CacheAside<String, String> cache, String key) {
    cache.invalidate(key);
    return true;
  }

  /** An error before the operation was created is that of a call that was never made. */
  private static boolean isThrownAtOnce(Call<Boolean> invalidation) throws Exception {
    try {
      invalidation.result();
      return false;
    } catch (AssertionError failed) {
      Throwable cause = failed.getCause();
      assertThat(cause).isInstanceOfAny(InjectedError.class, InvalidationFailedException.class);
      return cause instanceof InjectedError && !isOfAStep(cause);
    }
  }

  private static boolean isOfAStep(Throwable error) {
    for (StackTraceElement frame : error.getStackTrace()) {
      if (frame.getMethodName().equals("guarded") || frame.getMethodName().equals("drain")) {
        return true;
      }
    }
    return false;
  }
}
