package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.LoadContext;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Entries that end together, by the tags that their keys have. */
@OnEveryStore
class TagsTest extends CacheTest {

  /** The tag of a key is what stands before its dot. */
  private CacheAsideBuilder<String, String> tagged() {
    return builder().tags(key -> List.of(key.substring(0, key.indexOf('.'))));
  }

  @Test
  void aTagThatCannotBePartOfAKeyIsRefusedAndNotQueued() {
    CacheAside<String, String> cache = open(builder().loaderTags());

    assertThatIllegalArgumentException().isThrownBy(() -> cache.invalidateTag("\uD800"));

    assertThat(cache.stats().unconfirmedInvalidations()).isZero();
  }

  @Test
  void aTagEndsTheValuesThatHaveItAndNoOthers() {
    CacheAside<String, String> cache = open(tagged());
    cached(cache, "red.1", "old");
    cached(cache, "red.2", "old");
    cached(cache, "blue.1", "kept");

    cache.invalidateTag("red");

    assertNotCached(cache, "red.1");
    assertNotCached(cache, "red.2");
    assertCached(cache, "blue.1", "kept");
    assertThat(cache.get("red.1", key -> "new")).isEqualTo("new");
    eventually(() -> assertCached(cache, "red.1", "new"));
  }

  @Test
  void aTagEndsAbsences() {
    CacheAside<String, String> cache = open(tagged().absentTtl(Duration.ofMinutes(1)));
    assertThat(cache.get("red.1", key -> null)).isNull();
    eventually(() -> assertThat(cache.get("red.1", CacheTest::notLoaded)).isNull());

    cache.invalidateTag("red");

    assertThat(cache.get("red.1", key -> "new")).isEqualTo("new");
  }

  @Test
  void aLoadUnderWayIsNeitherCachedNorJoinedAfterwards() throws Exception {
    CacheAside<String, String> cache = open(tagged());
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch returning = new CountDownLatch(1);
    Call<String> before =
        callers.start(
            () ->
                cache.get(
                    "red.1",
                    key -> {
                      begun.countDown();
                      returning.await();
                      return "old";
                    }));
    begun.await();

    cache.invalidateTag("red");
    Call<String> after = callers.start(() -> cache.get("red.1", key -> "new"));

    assertThat(after.result()).isEqualTo("new");
    returning.countDown();
    assertThat(before.result()).isEqualTo("old");
    assertThat(cache.get("red.1", key -> "new")).isEqualTo("new");
  }

  @Test
  void aTagEndsWhatAnotherInstanceCached() {
    CacheAside<String, String> cache = open(tagged());
    CacheAside<String, String> elsewhere = open(tagged().store(anotherStore()));
    cached(cache, "red.1", "old");
    assertCached(elsewhere, "red.1", "old");

    elsewhere.invalidateTag("red");

    assertNotCached(cache, "red.1");
  }

  @Test
  void anEvictedTagEndsItsEntriesAndNeverRevivesThem() throws Exception {
    CacheAside<String, String> cache = open(tagged());
    cached(cache, "red.1", "old");

    boolean there = store().remove(name + "%t:red").toCompletableFuture().get(10, TimeUnit.SECONDS);

    assertThat(there).isTrue();
    assertNotCached(cache, "red.1");
    assertNotCached(cache, "red.1");
  }

  @Test
  void whatWasPutOrUpdatedHasItsTags() {
    CacheAside<String, String> cache = open(tagged());
    cache.put("red.1", "put");
    cache.put("red.2", "put");
    assertThat(cache.update("red.2", old -> old + "+")).isTrue();
    assertCached(cache, "red.1", "put");
    assertCached(cache, "red.2", "put+");

    cache.invalidateTag("red");

    assertNotCached(cache, "red.1");
    assertNotCached(cache, "red.2");
  }

  @Test
  void anEndedEntryHasNoTimeToLive() {
    CacheAside<String, String> cache = open(tagged());
    cache.put("red.1", "old");
    assertThat(cache.remainingTtl("red.1")).isPresent();

    cache.invalidateTag("red");

    assertThat(cache.remainingTtl("red.1")).isEmpty();
    assertThat(cache.touch("red.1")).isFalse();
    assertThat(cache.setTtl("red.1", Duration.ofMinutes(1))).isFalse();
    assertNotCached(cache, "red.1");
  }

  @Test
  void aBulkReadLoadsWhatATagEnded() {
    CacheAside<String, String> cache = open(tagged());
    cache.put("red.1", "old");
    cache.put("blue.1", "kept");

    cache.invalidateTag("red");

    source.with("red.1", "new").with("blue.1", "new");
    assertThat(cache.getAll(List.of("red.1", "blue.1"), source::getAll))
        .containsEntry("red.1", "new")
        .containsEntry("blue.1", "kept");
  }

  @Test
  void aTagHasAtLeastOneAndAtMost256Characters() {
    CacheAside<String, String> cache = open(tagged());
    cache.invalidateTag("t".repeat(256));

    for (String wrong : List.of("", "t".repeat(257))) {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> cache.invalidateTag(wrong))
          .withMessage("tag has " + wrong.length() + " characters; use 1 to 256");
    }
  }

  @Test
  void aCacheWithoutTagsRefusesThemAndAsksForNone() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    cache.put("red.1", "v");
    store.resetCounts();

    assertThat(cache.get("red.1", CacheTest::notLoaded)).isEqualTo("v");

    long commands = 0;
    for (Operation operation : Operation.values()) {
      commands += store.count(operation);
    }
    assertThat(commands).isEqualTo(1);
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> cache.invalidateTag("red"))
        .withMessageContaining("tags(...)");
  }

  @Test
  void nobodyJoinsARefreshThatBeganBeforeATagOfItsLoaderWasInvalidated() throws Exception {
    CacheAside<String, String> cache = open(builder().loaderTags());
    cache.put("k", "outdated");
    cache.markStale("k");
    source.with("k", "old").pause();
    Call<String> before = callers.start(() -> cache.getWithContext("k", this::namingATag));
    source.awaitWaiting(1, Callers.DEADLINE);

    cache.invalidateTag("named");
    Call<String> after = callers.start(() -> cache.get("k", key -> "new"));
    awaitWaiting(cache, 2, List.of(after));
    source.resume();

    assertThat(before.result()).isEqualTo("old");
    assertThat(after.result()).isEqualTo("new");
  }

  @Test
  void aTagThatItsLoaderNamedEndsAnEntry() {
    CacheAside<String, String> cache = open(builder().loaderTags());
    CacheAside<String, String> elsewhere = open(builder().store(anotherStore()).loaderTags());
    source.with("k", "v");
    assertThat(cache.getWithContext("k", this::namingATag)).isEqualTo("v");
    eventually(() -> assertCached(elsewhere, "k", "v"));

    elsewhere.invalidateTag("another");
    assertCached(cache, "k", "v");
    elsewhere.invalidateTag("named");

    assertNotCached(cache, "k");
    assertThat(cache.get("k", key -> "new")).isEqualTo("new");
  }

  /** Reads a key whose tag was read before: the two may be on different servers. */
  private final class Late {
    private final FaultyStore store = faultyStore();
    private final FaultyStore.Hold key = store.next(Operation.READ).of(stored("red.1")).hold();
    private final FaultyStore.Hold tag = store.next(Operation.READ).of(name + "%t:red").holdReply();
    private final CacheAside<String, String> cache = open(tagged().store(store));

    void awaitTagRead() throws InterruptedException {
      key.awaitArrived();
      tag.awaitArrived();
      tag.release();
    }

    Call<String> get() throws InterruptedException {
      Call<String> call = callers.start(() -> cache.get("red.1", source::get));
      awaitTagRead();
      return call;
    }

    Call<Map<String, String>> getAll() throws InterruptedException {
      Call<Map<String, String>> call =
          callers.start(() -> cache.getAll(List.of("red.1"), source::getAll));
      awaitTagRead();
      return call;
    }

    void readKey() {
      key.release();
    }
  }

  @Test
  void aReaderThatReadTheTagBeforeItWasInvalidatedDoesNotTakeTheLeaseOfALoadThatBeganAfterwards()
      throws Exception {
    CacheAside<String, String> cache = open(tagged());
    cached(cache, "red.1", "old");
    Late late = new Late();
    Call<String> before = late.get();

    cache.invalidateTag("red");
    source.with("red.1", "new").pause();
    Call<String> after = callers.start(() -> cache.get("red.1", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    long loads = source.reads();
    late.readKey();
    awaitWaiting(late.cache, 1, List.of(before));
    source.resume();

    assertThat(before.result()).isEqualTo("new");
    assertThat(after.result()).isEqualTo("new");
    eventually(() -> assertCached(cache, "red.1", "new"));
    assertThat(source.reads()).isEqualTo(loads);
  }

  @Test
  void aReaderThatReadTheTagBeforeItWasInvalidatedUsesAValueThatWasLoadedAfterwards()
      throws Exception {
    CacheAside<String, String> cache = open(tagged());
    cached(cache, "red.1", "old");
    Late late = new Late();
    Call<String> before = late.get();

    cache.invalidateTag("red");
    cached(cache, "red.1", "new");
    long loads = source.reads();
    late.readKey();

    assertThat(before.result()).isEqualTo("new");
    assertCached(cache, "red.1", "new");
    assertThat(source.reads()).isEqualTo(loads);
  }

  @Test
  void aBulkReadUsesAValueThatWasLoadedAfterItHadReadTheTag() throws Exception {
    CacheAside<String, String> cache = open(tagged());
    cached(cache, "red.1", "old");
    Late late = new Late();
    Call<Map<String, String>> before = late.getAll();

    cache.invalidateTag("red");
    cached(cache, "red.1", "new");
    long loads = source.reads();
    late.readKey();

    assertThat(before.result()).containsExactly(Map.entry("red.1", "new"));
    assertCached(cache, "red.1", "new");
    assertThat(source.reads()).isEqualTo(loads);
    assertThat(source.bulkReads()).isZero();
  }

  private String namingATag(String key, LoadContext<String> context) throws Exception {
    context.tags("named");
    return source.get(key);
  }
}
