package io.cacheaside.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.store.ChangeFeed;
import io.cacheaside.store.ChangeListener;
import io.cacheaside.store.Store;
import io.cacheaside.store.WatchedState;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a store that can tell of changes tells; one that cannot passes by doing nothing. */
abstract class StoreChanges extends StoreRemovals {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final long LAG_NANOS = Duration.ofMinutes(1).toNanos();

  /** Remembers the keys it was told of, and all of them as a star. */
  private static final class Told implements ChangeListener {
    private final Queue<String> keys = new ConcurrentLinkedQueue<>();

    @Override
    public void changed(String key) {
      keys.add(key);
    }

    @Override
    public void allChanged(Cause cause) {
      keys.add("*");
    }

    boolean hasHeardOf(String key) {
      return keys.contains(key) || keys.contains("*");
    }
  }

  /** Ways to change the state "old:payload" of a key. */
  enum Change {
    PUT {
      @Override
      CompletionStage<?> of(Store store, String key) {
        return store.put(key, bytes("new:state"), LONG);
      }
    },
    SWAP {
      @Override
      CompletionStage<?> of(Store store, String key) {
        return store.swap(key, bytes("old:"), bytes("new:state"), LONG);
      }
    },
    SWAP_HEAD {
      @Override
      CompletionStage<?> of(Store store, String key) {
        return store.swapHead(key, bytes("old:"), bytes("new:"), null);
      }
    },
    REMOVE {
      @Override
      CompletionStage<?> of(Store store, String key) {
        return store.remove(key);
      }
    },
    REMOVE_STAMPED {
      @Override
      CompletionStage<?> of(Store store, String key) {
        return store.remove(key, bytes("old:"));
      }
    },
    REMOVE_MATCHING {
      @Override
      CompletionStage<?> of(Store store, String key) {
        return store.removeMatching(key, "*");
      }
    };

    abstract CompletionStage<?> of(Store store, String key);
  }

  private @Nullable WatchedState watched(Store store, String key) throws Exception {
    return await(store.readWatched(key));
  }

  /** Reads until changes of what is read will be told. */
  private ChangeFeed feed(Store store, String key) throws Exception {
    long start = System.nanoTime();
    while (System.nanoTime() - start < LIMIT.toNanos()) {
      WatchedState state = watched(store, key);
      if (state != null && state.feed() != null) {
        return state.feed();
      }
      passTime();
    }
    throw new AssertionError("no feed of changes within " + LIMIT);
  }

  @Test
  void readWatchedReturnsStateAndRemainingTime() throws Exception {
    put(key("watched"), "state");

    WatchedState found = Objects.requireNonNull(watched(store(), key("watched")));

    assertThat(found.bytes()).isEqualTo(bytes("state"));
    assertThat(found.remaining()).isBetween(LONG.minusSeconds(30), LONG);
    assertThat(watched(store(), key("not there"))).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void whoWatchesIsToldOfItsOwnChangesBeforeTheyAreAnswered(Change change) throws Exception {
    Told told = new Told();
    if (!store().watch(told, Duration.ZERO)) {
      return;
    }
    put(key("own"), "old:payload");
    feed(store(), key("own"));
    told.keys.clear();

    boolean[] before = new boolean[1];
    await(
        change
            .of(store(), key("own"))
            .whenComplete((done, failure) -> before[0] = told.hasHeardOf(key("own"))));

    assertThat(before[0]).isTrue();
    store().unwatch(told);
  }

  @ParameterizedTest
  @EnumSource
  void whoWatchesIsToldOfTheChangesOfOthers(Change change) throws Exception {
    Store other = openAnother();
    Told told = new Told();
    if (!store().watch(told, Duration.ZERO)) {
      return;
    }
    put(key("others"), "old:payload");
    if (await(other.read(key("others"))) == null) {
      return;
    }
    ChangeFeed feed = feed(store(), key("others"));
    told.keys.clear();

    await(change.of(other, key("others")));

    Await.until(LIMIT, () -> "nothing was told", () -> told.hasHeardOf(key("others")));
    assertThat(feed.isComplete(nanoTime(), LAG_NANOS)).isTrue();
    store().unwatch(told);
  }

  @Test
  void whoStopsToWatchIsNotTold() throws Exception {
    Told told = new Told();
    store().watch(told, Duration.ZERO);
    store().unwatch(told);

    put(key("unwatched"), "state");

    assertThat(told.keys).isEmpty();
  }

  private static final class Broken implements ChangeListener {

    @Override
    public void changed(String key) {
      throw new IllegalStateException("broken");
    }

    @Override
    public void allChanged(Cause cause) {
      throw new IllegalStateException("broken");
    }

    @Override
    public void untold(Duration time) {
      throw new IllegalStateException("broken");
    }

    @Override
    public void toldWithin(Duration time) {
      throw new IllegalStateException("broken");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aListenerThatThrowsHarmsNobody(Change change) throws Exception {
    List<ChangeListener> broken = Stream.<ChangeListener>generate(Broken::new).limit(10).toList();
    broken.forEach(listener -> store().watch(listener, Duration.ofMillis(100)));
    Told told = new Told();
    if (!store().watch(told, Duration.ofMillis(100))) {
      return;
    }
    put(key("broken"), "old:payload");
    ChangeFeed feed = feed(store(), key("broken"));
    told.keys.clear();

    await(change.of(store(), key("broken")));

    assertThat(told.hasHeardOf(key("broken"))).isTrue();
    Await.until(
        LIMIT,
        () -> "no proof",
        () -> feed.isComplete(nanoTime(), Duration.ofMillis(500).toNanos()));
    broken.forEach(store()::unwatch);
    store().unwatch(told);
  }

  @Test
  void aFeedProvesItselfAgainAndAgain() throws Exception {
    Told told = new Told();
    if (!store().watch(told, Duration.ofMillis(100))) {
      return;
    }
    put(key("lag"), "state");
    ChangeFeed feed = feed(store(), key("lag"));

    Await.until(
        LIMIT,
        () -> "no proof",
        () -> feed.isComplete(nanoTime(), Duration.ofMillis(500).toNanos()));
    store().unwatch(told);
  }
}
