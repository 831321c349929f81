package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.jackson.JsonCodec;
import io.cacheaside.store.Store;
import io.cacheaside.verification.behaviour.Callers.Call;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two versions of a program on one store, as while a deployment rolls. */
@OnEveryStore
@Tag("edge")
class SchemaVersionTest extends CacheTest {
  private CacheAside<String, String> older;
  private CacheAside<String, String> newer;

  @BeforeEach
  void openBoth() {
    older = open(builder().schemaVersion(1));
    newer = open(builder().schemaVersion(2).store(anotherStore()));
  }

  @Test
  void aNewerEntryIsLoadedAroundByAnOlderReaderAndStays() {
    cached(newer, "k", "of the new version");

    for (int i = 0; i < 3; i++) {
      assertNotCached(older, "k");
      assertThat(older.get("k", key -> "of the old version")).isEqualTo("of the old version");
    }

    assertThat(newer.get("k", CacheTest::notLoaded)).isEqualTo("of the new version");
    assertThat(older.stats().decodeFailures()).isZero();
    assertThat(older.stats().fills()).isZero();
  }

  @Test
  void anOlderEntryIsReplacedByANewerReader() {
    cached(older, "k", "of the old version");

    assertNotCached(newer, "k");
    assertThat(newer.get("k", key -> "of the new version")).isEqualTo("of the new version");

    eventually(() -> assertCached(newer, "k", "of the new version"));
    assertNotCached(older, "k");
    assertThat(newer.stats().decodeFailures()).isZero();
  }

  @Test
  void everyVersionInvalidatesTheEntriesOfAll() {
    cached(older, "a", "of the old version");
    cached(newer, "b", "of the new version");

    newer.invalidate("a");
    older.invalidate("b");

    assertThat(older.get("a", key -> "fresh")).isEqualTo("fresh");
    assertThat(newer.get("b", key -> "fresh")).isEqualTo("fresh");
    eventually(() -> assertCached(newer, "b", "fresh"));
    assertThat(older.invalidateMatching("*")).isEqualTo(2);
  }

  @Test
  void anUpdateRemovesAnEntryThatItCannotRead() {
    cached(older, "a", "of the old version");
    cached(newer, "b", "of the new version");

    assertThat(newer.update("a", old -> "never")).isFalse();
    assertThat(older.update("b", old -> "never")).isFalse();

    assertThat(older.get("a", key -> "fresh")).isEqualTo("fresh");
    assertThat(newer.get("b", key -> "fresh")).isEqualTo("fresh");
  }

  @Test
  void timesToLiveOfAnotherVersionAreNotTouched() {
    cached(older, "a", "of the old version");
    cached(newer, "b", "of the new version");

    assertThat(newer.touch("a")).isFalse();
    assertThat(older.touch("b")).isFalse();
    assertThat(older.remainingTtl("b")).isEmpty();

    assertCached(older, "a", "of the old version");
    assertCached(newer, "b", "of the new version");
  }

  @Test
  void aLoadOfAnOlderVersionUnderWayIsReplacedByANewerReader() throws Exception {
    source.with("k", "of the old version").pause();
    Call<String> load = callers.start(() -> older.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    assertThat(newer.get("k", key -> "of the new version")).isEqualTo("of the new version");
    eventually(() -> assertCached(newer, "k", "of the new version"));
    source.resume();

    assertThat(load.result()).isEqualTo("of the old version");
    eventually(() -> assertThat(older.stats().refusedFills()).isEqualTo(1));
    assertCached(newer, "k", "of the new version");
  }

  @Test
  void aLoadOfANewerVersionUnderWayIsLeftAloneByAnOlderReader() throws Exception {
    source.with("k", "of the new version").pause();
    Call<String> load = callers.start(() -> newer.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    assertThat(older.get("k", key -> "of the old version")).isEqualTo("of the old version");
    source.resume();

    assertThat(load.result()).isEqualTo("of the new version");
    eventually(() -> assertCached(newer, "k", "of the new version"));
  }

  @Test
  void aVersionIsForWhatTheCodecCannotTell() {
    record UserInCents(long balance) {}
    record UserInEuros(long balance) {}
    Store store = anotherStore();
    CacheAside<String, UserInCents> cents =
        open(builder(JsonCodec.of(UserInCents.class)).schemaVersion(1).store(store));
    CacheAside<String, UserInEuros> euros =
        open(builder(JsonCodec.of(UserInEuros.class)).schemaVersion(2).store(anotherStore()));
    cents.put("k", new UserInCents(100));

    assertThat(euros.get("k", key -> new UserInEuros(1))).isEqualTo(new UserInEuros(1));
  }
}
