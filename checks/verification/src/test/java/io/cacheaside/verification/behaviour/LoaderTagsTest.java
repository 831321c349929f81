package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.ContextLoader;
import io.cacheaside.Lookup;
import io.cacheaside.RetryPolicy;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Hold;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tags that nobody knows before the loader has named them. */
@OnEveryStore
@Tag("races")
class LoaderTagsTest extends CacheTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private CacheAsideBuilder<String, String> named() {
    return builder().loaderTags();
  }

  /** Reads the source and gives what it returns these tags. */
  private ContextLoader<String, String> naming(String... tags) {
    return (key, context) -> {
      context.tags(tags);
      return source.get(key);
    };
  }

  private void cached(CacheAside<String, String> cache, String key, String value, String... tags) {
    source.with(key, value);
    assertThat(cache.getWithContext(key, naming(tags))).isEqualTo(value);
    eventually(() -> assertCached(cache, key, value));
  }

  /** Where the id of a tag is; see the protocol. */
  private String storedTag(String tag) {
    return name + "%t:" + tag;
  }

  // ---- What a tag ends ------------------------------------------------------------------------

  @Test
  void whatATagHasEndedIsNotGivenAnotherLife() {
    CacheAside<String, String> cache = open(builder().loaderTags());
    cache.getWithContext(
        "k",
        (key, context) -> {
          context.tags("red");
          return "v";
        });
    eventually(() -> assertCached(cache, "k", "v"));
    cache.invalidateTag("red");

    assertThat(cache.touch("k")).isFalse();
    assertThat(cache.setTtl("k", Duration.ofMinutes(1))).isFalse();
    assertThat(cache.markStale("k")).isFalse();
  }

  @Test
  void eachTagOfAnEntryEndsItAndNoOther() {
    CacheAside<String, String> cache = open(named());
    cached(cache, "a", "old", "red", "round");
    cached(cache, "b", "old", "round");
    cached(cache, "c", "kept", "blue");
    cached(cache, "d", "kept");

    cache.invalidateTag("red");
    assertNotCached(cache, "a");
    assertCached(cache, "b", "old");
    cache.invalidateTag("round");
    assertNotCached(cache, "b");

    assertCached(cache, "c", "kept");
    assertCached(cache, "d", "kept");
    assertThat(cache.get("a", key -> "new")).isEqualTo("new");
  }

  @Test
  void aTagEndsAbsencesToo() {
    CacheAside<String, String> cache = open(named().absentTtl(HOUR));
    assertThat(cache.getWithContext("k", naming("red"))).isNull();
    eventually(() -> assertThat(cache.lookup("k")).isInstanceOf(Lookup.AbsentInSource.class));
    assertThat(cache.get("k", CacheTest::notLoaded)).isNull();

    cache.invalidateTag("red");

    assertNotCached(cache, "k");
    assertThat(cache.get("k", key -> "new")).isEqualTo("new");
  }

  @Test
  void tagsOfTheKeyAndOfItsLoaderEndAnEntryEach() {
    CacheAside<String, String> cache = open(named().tags(key -> List.of("declared")));
    cached(cache, "a", "old", "named");
    cache.invalidateTag("declared");
    assertNotCached(cache, "a");

    cached(cache, "a", "old", "named");
    cache.invalidateTag("named");
    assertNotCached(cache, "a");
  }

  @Test
  void aBulkReadReturnsWhatIsTaggedAndLoadsWhatATagEnded() {
    CacheAside<String, String> cache = open(named());
    cached(cache, "a", "old", "red");
    cached(cache, "b", "kept", "blue");

    assertThat(cache.getAll(List.of("a", "b"), keys -> Map.of()))
        .isEqualTo(Map.of("a", "old", "b", "kept"));
    cache.invalidateTag("red");

    source.with("a", "new").with("b", "new");
    assertThat(cache.getAll(List.of("a", "b"), source::getAll))
        .isEqualTo(Map.of("a", "new", "b", "kept"));
  }

  @Test
  void aCacheThatCannotCompareTheTagsOfALoaderDoesNotUseWhatHasThem() {
    CacheAside<String, String> cache = open(named());
    cached(cache, "k", "old", "red");
    source.with("k", "new");
    CacheAside<String, String> untagged = open(builder().store(anotherStore()));

    assertThat(untagged.lookup("k")).isInstanceOf(Lookup.NotCached.class);
    assertThat(untagged.touch("k")).isFalse();
    assertThat(untagged.get("k", source::get)).isEqualTo("new");
  }

  @Test
  void aCacheWithDeclaredTagsOnlyDoesNotUseWhatALoaderTaggedToo() {
    CacheAside<String, String> cache = open(named().tags(key -> List.of("blue")));
    cached(cache, "k", "old", "red");
    source.with("k", "new");
    CacheAside<String, String> declaring =
        open(builder().tags(key -> List.of("blue")).store(anotherStore()));

    assertThat(declaring.lookup("k")).isInstanceOf(Lookup.NotCached.class);
    assertThat(declaring.get("k", source::get)).isEqualTo("new");
  }

  @Test
  void anEntryOfATagThatThisCacheCannotHaveIsReplaced() {
    CacheAside<String, String> cache = open(named());
    cached(cache, "k", "old", "t".repeat(256));
    source.with("k", "new");
    CacheAside<String, String> strict = open(named().maxKeyBytes(200).store(anotherStore()));

    assertThat(strict.touch("k")).isFalse();
    assertThat(strict.get("k", source::get)).isEqualTo("new");
    eventually(() -> assertCached(strict, "k", "new"));
    assertThat(strict.stats().storeFailures()).isZero();
  }

  @Test
  void tagsOfTwoCachesDoNotMeet() {
    CacheAside<String, String> cache = open(named());
    CacheAside<String, String> neighbour =
        open(CacheAside.builder(name + "x", Codec.string()).store(store()).loaderTags());
    cached(cache, "k", "v", "red");
    cached(neighbour, "k", "v", "red");

    neighbour.invalidateTag("red");

    assertNotCached(neighbour, "k");
    assertCached(cache, "k", "v");
  }

  @Test
  void anEvictedTagEndsItsEntriesAndNeverRevivesThem() throws Exception {
    CacheAside<String, String> cache = open(named());
    cached(cache, "k", "old", "red");

    boolean there =
        store().remove(storedTag("red")).toCompletableFuture().get(10, TimeUnit.SECONDS);

    assertThat(there).isTrue();
    assertNotCached(cache, "k");
    assertNotCached(cache, "k");
  }

  @Test
  void aStaleValueThatATagEndedDoesNotStandIn() {
    CacheAside<String, String> cache = open(named().staleIfError(HOUR));
    cached(cache, "a", "old", "red");
    cached(cache, "b", "old", "blue");
    cache.markStale("a");
    cache.markStale("b");

    cache.invalidateTag("red");

    source.failNextReads(2, new IllegalStateException("no source"));
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> cache.get("a", source::get))
        .withMessage("no source");
    assertThat(cache.get("b", source::get)).isEqualTo("old");
  }

  @Test
  void aValueThatATagEndedWhileItWasLoadedAnewDoesNotStandIn() throws Exception {
    CacheAside<String, String> cache = open(named().staleIfError(HOUR));
    cached(cache, "k", "old", "red");
    cache.markStale("k");
    source.failNextReads(1, new IllegalStateException("no source"));
    source.pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    cache.invalidateTag("red");
    source.resume();

    assertThat(load.failure()).hasMessage("no source");
  }

  // ---- What keeps its tags --------------------------------------------------------------------

  @Test
  void anUpdatedValueKeepsTheTagsOfItsLoader() {
    CacheAside<String, String> cache = open(named());
    cached(cache, "k", "v", "red");
    assertThat(cache.update("k", old -> old + "+")).isTrue();
    assertCached(cache, "k", "v+");

    cache.invalidateTag("red");

    assertNotCached(cache, "k");
  }

  @Test
  void whatATagEndedIsNotUpdated() {
    CacheAside<String, String> cache = open(named());
    cached(cache, "k", "v", "red");
    cache.invalidateTag("red");

    assertThat(cache.update("k", old -> old + "+")).isFalse();

    assertNotCached(cache, "k");
  }

  @Test
  void aValueOfAnotherTimeToLiveKeepsItsTags() {
    CacheAside<String, String> cache = open(named().staleIfError(HOUR));
    cached(cache, "k", "v", "red");
    assertThat(cache.setTtl("k", HOUR)).isTrue();
    assertThat(cache.touch("k")).isTrue();
    assertCached(cache, "k", "v");
    assertThat(cache.remainingTtl("k")).isPresent();

    cache.invalidateTag("red");

    assertNotCached(cache, "k");
    assertThat(cache.remainingTtl("k")).isEmpty();
  }

  @Test
  void anUnmodifiedValueKeepsTheTagsThatItHad() {
    CacheAside<String, String> cache = open(named().staleIfError(HOUR));
    cached(cache, "k", "v", "red");
    cache.markStale("k");
    assertThat(cache.getWithContext("k", (key, context) -> context.notModified())).isEqualTo("v");
    eventually(() -> assertCached(cache, "k", "v"));

    cache.invalidateTag("red");

    assertNotCached(cache, "k");
  }

  @Test
  void anUnmodifiedValueHasTheTagsThatAreNamedAnew() {
    CacheAside<String, String> cache = open(named().staleIfError(HOUR));
    cached(cache, "k", "v", "red");
    cache.markStale("k");
    cache.getWithContext(
        "k",
        (key, context) -> {
          context.tags("blue");
          return context.notModified();
        });
    eventually(() -> assertCached(cache, "k", "v"));

    cache.invalidateTag("red");
    assertCached(cache, "k", "v");
    cache.invalidateTag("blue");

    assertNotCached(cache, "k");
  }

  @Test
  void tagsOfATryThatFailedDoNotCount() {
    CacheAside<String, String> cache = open(named().loadRetry(RetryPolicy.of(2)));
    AtomicInteger tries = new AtomicInteger();
    cache.getWithContext(
        "k",
        (key, context) -> {
          if (tries.incrementAndGet() == 1) {
            context.tags("first");
            throw new IllegalStateException("no source");
          }
          context.tags("second");
          return "v";
        });
    eventually(() -> assertCached(cache, "k", "v"));

    cache.invalidateTag("first");
    assertCached(cache, "k", "v");
    cache.invalidateTag("second");

    assertNotCached(cache, "k");
  }

  // ---- While it is loaded ---------------------------------------------------------------------

  @Test
  void whatWasLoadedWhileItsTagWasInvalidatedIsNotCached() throws Exception {
    CacheAside<String, String> cache = open(named().leaseTime(HOUR));
    source.with("k", "old").pause();
    Call<String> load = callers.start(() -> cache.getWithContext("k", naming("red")));
    source.awaitWaiting(1, Callers.DEADLINE);

    cache.invalidateTag("red");
    source.resume();

    assertThat(load.result()).isEqualTo("old");
    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    eventually(() -> assertThat(stateOf("k")).isNull());
    assertThat(cache.get("k", key -> "new")).isEqualTo("new");
  }

  @Test
  void anotherInstanceMayInvalidateTheTagMeanwhile() throws Exception {
    CacheAside<String, String> cache = open(named());
    CacheAside<String, String> elsewhere = open(named().store(anotherStore()));
    source.with("k", "old").pause();
    Call<String> load = callers.start(() -> cache.getWithContext("k", naming("red")));
    source.awaitWaiting(1, Callers.DEADLINE);

    elsewhere.invalidateTag("red");
    source.resume();

    assertThat(load.result()).isEqualTo("old");
    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    assertNotCached(elsewhere, "k");
  }

  @Test
  void nobodyJoinsALoadThatBeganBeforeATagWasInvalidated() throws Exception {
    CacheAside<String, String> cache = open(named());
    source.with("k", "old").pause();
    Call<String> before = callers.start(() -> cache.getWithContext("k", naming("red")));
    source.awaitWaiting(1, Callers.DEADLINE);

    cache.invalidateTag("red");
    Call<String> after = callers.start(() -> cache.get("k", key -> "new"));

    assertThat(after.result()).isEqualTo("new");
    source.resume();
    assertThat(before.result()).isEqualTo("old");
    eventually(() -> assertCached(cache, "k", "new"));
  }

  @Test
  void aRefreshDuringWhichATagWasInvalidatedLeavesTheOldValueAsItIs() throws Exception {
    CacheAside<String, String> cache = open(named().staleWhileRevalidate(HOUR));
    cached(cache, "k", "old", "red");
    cache.markStale("k");
    source.with("k", "new").pause();
    assertThat(cache.getWithContext("k", naming("red", "blue"))).isEqualTo("old");
    source.awaitWaiting(1, Callers.DEADLINE);

    cache.invalidateTag("blue");
    source.resume();

    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    assertThat(cache.lookup("k")).isInstanceOf(Lookup.Stale.class);
    eventually(() -> assertThat(cache.getWithContext("k", naming("blue"))).isEqualTo("new"));
  }

  @Test
  void aTagThatIsInvalidatedWhenItWasReadAlreadyEndsWhatIsStored() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(named().store(store));
    CacheAside<String, String> elsewhere = open(named().store(anotherStore()));
    source.with("k", "old");
    Hold fill = store.next(Operation.SWAP).of(stored("k")).hold();
    Call<String> load = callers.start(() -> cache.getWithContext("k", naming("red")));
    fill.awaitArrived();

    elsewhere.invalidateTag("red");
    fill.release();

    assertThat(load.result()).isEqualTo("old");
    eventually(() -> assertThat(cache.stats().fills()).isEqualTo(1));
    assertNotCached(cache, "k");
    assertNotCached(elsewhere, "k");
  }

  @Test
  void whereItsTagsCannotBeReadAValueIsReturnedAndNotCached() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(named().store(store).leaseTime(HOUR));
    source.with("k", "v");
    store.next(Operation.READ).of(storedTag("red")).fail(Reason.REFUSED);

    assertThat(cache.getWithContext("k", naming("red"))).isEqualTo("v");

    eventually(() -> assertThat(cache.stats().skippedFills()).isEqualTo(1));
    eventually(() -> assertThat(stateOf("k")).isNull());
    cached(cache, "k", "v", "red");
  }

  private byte[] stateOf(String key) throws Exception {
    Store store = store();
    return store.read(stored(key)).toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void anEntryWhoseTagsCannotBeReadIsReadAround() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(named().store(store));
    cached(cache, "k", "old", "red");
    store.every(Operation.READ).of(storedTag("red")).fail(Reason.REFUSED);

    assertThat(cache.get("k", key -> "new")).isEqualTo("new");
    assertNotCached(cache, "k");
    store.heal();

    assertCached(cache, "k", "old");
  }

  // ---- Limits ---------------------------------------------------------------------------------

  @Test
  void anEntryHasUpTo64Tags() {
    CacheAside<String, String> cache = open(named());
    String[] tags = IntStream.range(0, 64).mapToObj(i -> "tag " + i).toArray(String[]::new);
    for (String tag : List.of("tag 0", "tag 63")) {
      cached(cache, "k", "v", tags);

      cache.invalidateTag(tag);

      assertNotCached(cache, "k");
    }
  }

  @Test
  void oneTagMoreFailsTheLoad() {
    CacheAside<String, String> cache = open(named());

    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(
            () ->
                cache.getWithContext(
                    "k",
                    (key, context) -> {
                      for (int i = 0; i < 65; i++) {
                        context.tags("tag " + i);
                      }
                      return "v";
                    }))
        .withMessage("an entry has 65 tags; use at most 64");
    assertNotCached(cache, "k");
  }

  @Test
  void aTagThatIsNamedAgainIsTheSame() {
    CacheAside<String, String> cache = open(named());
    source.with("k", "v");

    cache.getWithContext(
        "k",
        (key, context) -> {
          for (int i = 0; i < 65; i++) {
            context.tags("red");
          }
          return "v";
        });

    eventually(() -> assertCached(cache, "k", "v"));
    cache.invalidateTag("red");
    assertNotCached(cache, "k");
  }

  @Test
  void aTagHasAtLeastOneAndAtMost256Characters() {
    CacheAside<String, String> cache = open(named());
    String longest = "\u20ac".repeat(256);
    cached(cache, "k", "v", longest);
    cache.invalidateTag(longest);
    assertNotCached(cache, "k");

    for (String wrong : List.of("", "t".repeat(257))) {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> cache.getWithContext("k", naming("right", wrong)))
          .withMessage("tag has " + wrong.length() + " characters; use 1 to 256");
      assertNotCached(cache, "k");
    }
  }

  @Test
  void aCacheWithoutLoaderTagsRefusesThem() {
    CacheAside<String, String> cache = open(builder().tags(key -> List.of("declared")));

    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> cache.getWithContext("k", naming("red")))
        .withMessageContaining("loaderTags()");
    assertNotCached(cache, "k");
  }
}
