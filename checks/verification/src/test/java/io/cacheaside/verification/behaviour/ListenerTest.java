package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheListener;
import io.cacheaside.RetryPolicy;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who is told what happens. */
@OnEveryStore
class ListenerTest extends CacheTest {

  /** Notes what it is told; and then throws, if it is given something to throw. */
  private static final class Notes implements CacheListener<String> {
    private final Queue<String> notes = new ConcurrentLinkedQueue<>();
    private final Throwable thrown;

    Notes(Throwable thrown) {
      this.thrown = thrown;
    }

    private void note(String note) {
      notes.add(note);
      if (thrown != null) {
        Notes.<RuntimeException>throwAsIs(thrown);
      }
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> void throwAsIs(Throwable thrown) throws X {
      throw (X) thrown;
    }

    @Override
    public void onHit(String key) {
      note("hit " + key);
    }

    @Override
    public void onMiss(String key) {
      note("miss " + key);
    }

    @Override
    public void onLoad(String key, Duration duration) {
      note("load " + key + (duration.isNegative() ? " before its time" : ""));
    }

    @Override
    public void onLoadFailure(String key, Duration duration, Throwable failure) {
      note("load failure " + key + " " + failure.getMessage());
    }

    @Override
    public void onRefusedFill(String key) {
      note("refused fill " + key);
    }

    @Override
    public void onSkippedFill(String key, Throwable reason) {
      note("skipped fill " + key);
    }

    @Override
    public void onDecodeFailure(String key, Throwable failure) {
      note("decode failure " + key);
    }

    @Override
    public void onInvalidate(String what) {
      note("invalidate " + what);
    }

    @Override
    public void onInvalidationFailure(String what, Throwable failure) {
      note("invalidation failure " + what);
    }

    @Override
    public void onStoreFailure(String operation, Throwable failure) {
      note("store failure " + operation);
    }
  }

  private final Notes notes = new Notes(null);

  private void assertNoted(String... expected) {
    eventually(() -> assertThat(notes.notes).containsExactlyInAnyOrder(expected));
  }

  @Test
  void readsLoadsAndInvalidations() {
    CacheAside<String, String> cache = open(builder().listener(notes));

    cached(cache, "k", "v");
    cache.get("k", source::get);
    cache.invalidate("k");
    cache.invalidateAll(List.of("a", "b"));
    cache.invalidateMatching("x*");

    assertNoted(
        "miss k",
        "load k",
        "hit k",
        "invalidate key 'k'",
        "invalidate 2 keys",
        "invalidate pattern 'x*'");
  }

  @Test
  void whatDidNotGetIntoTheCache() throws Exception {
    CacheAside<String, String> cache = open(builder().listener(notes).maxPayloadBytes(8));
    source.with("k", "v").with("large", "123456789");
    source.failNextReads(1, new IllegalStateException("no source"));
    assertThatThrownBy(() -> cache.get("failing", source::get));
    cache.get("large", source::get);
    source.pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    cache.invalidate("k");
    source.resume();
    load.result();

    assertNoted(
        "miss failing",
        "load failure failing no source",
        "miss large",
        "load large",
        "skipped fill large",
        "miss k",
        "invalidate key 'k'",
        "load k",
        "refused fill k");
  }

  @Test
  void whatTheStoreDidWrong() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(builder().store(store).listener(notes).invalidationRetry(RetryPolicy.none()));
    store().put(stored("k"), new byte[50], Duration.ofMinutes(1)).toCompletableFuture().get();
    cache.get("k", key -> "v");
    store.next(Operation.READ).fail(Reason.DISCONNECTED);
    cache.get("j", key -> "v");
    store.next(Operation.REMOVE).fail(Reason.DISCONNECTED);
    assertThatThrownBy(() -> cache.invalidate("k"));

    assertNoted(
        "miss k",
        "decode failure k",
        "load k",
        "miss j",
        "store failure read",
        "load j",
        "store failure invalidate",
        "invalidation failure key 'k'");
  }

  @Test
  void keysOfInvalidationsCanBeKeptOut() {
    CacheAside<String, String> cache = open(builder().listener(notes).redactKeys(true));

    cache.invalidate("secret");
    cache.invalidateMatching("secret*");

    eventually(() -> assertThat(notes.notes).hasSize(2));
    assertThat(notes.notes).noneMatch(note -> note.contains("secret"));
  }

  static Stream<Throwable> whatListenersThrow() {
    return Stream.of(
        new IllegalStateException("unchecked"),
        new IOException("checked, by way of another language"),
        new AssertionError("an assertion"),
        new NoClassDefFoundError("a class"),
        new StackOverflowError());
  }

  @ParameterizedTest
  @MethodSource("whatListenersThrow")
  void aListenerThatThrowsDoesNoHarm(Throwable thrown) throws Exception {
    Notes throwing = new Notes(thrown);
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(
            builder()
                .store(store)
                .listener(throwing)
                .invalidationRetry(RetryPolicy.none())
                .maxPayloadBytes(8));
    source.with("k", "v").with("large", "123456789");

    cached(cache, "k", "v");
    assertThat(cache.get("k", source::get)).isEqualTo("v");
    assertThat(cache.get("large", source::get)).isEqualTo("123456789");
    assertThatThrownBy(
            () ->
                cache.get(
                    "failing",
                    key -> {
                      throw new IllegalStateException("no source");
                    }))
        .hasMessage("no source");
    store().put(stored("j"), new byte[50], Duration.ofMinutes(1)).toCompletableFuture().get();
    assertThat(cache.getAll(List.of("k", "j"), keys -> source.with("j", "w").getAll(keys)))
        .hasSize(2);
    cache.invalidate("k");
    source.pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    cache.invalidate("k");
    source.resume();
    assertThat(load.result()).isEqualTo("v");
    store.next(Operation.READ).fail(Reason.DISCONNECTED);
    assertThat(cache.get("k", source::get)).isEqualTo("v");

    List<String> told = new ArrayList<>(throwing.notes);
    assertThat(told).contains("hit k", "miss k", "load k", "skipped fill large");
  }

  @Test
  void noThreadOfATimerIsHeldUp() throws Exception {
    FakeTime time = new FakeTime();
    FaultyStore store = faultyStore();
    Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    CacheListener<String> listener =
        new CacheListener<>() {
          @Override
          public void onStoreFailure(String operation, Throwable failure) {
            threads.add(Thread.currentThread());
          }
        };
    CacheAside<String, String> cache =
        open(builder().store(store).environment(time).listener(listener));
    source.with("k", "v").pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    store.every(Operation.SWAP_HEAD).fail(Reason.DISCONNECTED);

    time.advance(Duration.ofMillis(1_100)); // a renewal is due after 1 s, and sent soon after

    eventually(() -> assertThat(threads).hasSize(1));
    assertThat(threads).doesNotContain(Thread.currentThread());
    source.resume();
    assertThat(load.result()).isEqualTo("v");
  }
}
