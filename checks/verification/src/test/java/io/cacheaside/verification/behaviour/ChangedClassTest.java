package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.jackson.JsonCodec;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Programs with different versions of a class on one store, as while a deployment rolls. */
@OnEveryStore
@Tag("edge")
class ChangedClassTest extends CacheTest {
  record User(String name) {}

  record Renamed(String fullName) {}

  record WithAge(String name, int age) {}

  record WithCity(String name, String city) {}

  record WithZip(String name, String zip) {}

  private CacheAside<String, User> older;
  private CacheAside<String, Renamed> newer;

  @BeforeEach
  void openBoth() {
    older = open(builder(JsonCodec.of(User.class)));
    newer = open(builder(JsonCodec.of(Renamed.class)).store(anotherStore()));
  }

  @Test
  void eachVersionLoadsOnce() {
    for (int i = 0; i < 10; i++) {
      assertThat(older.get("k", key -> new User("Ada"))).isEqualTo(new User("Ada"));
      settle();
      assertThat(newer.get("k", key -> new Renamed("Ada"))).isEqualTo(new Renamed("Ada"));
      settle();
    }

    assertThat(older.stats().loads()).isEqualTo(1);
    assertThat(newer.stats().loads()).isEqualTo(1);
    assertThat(newer.stats().decodeFailures()).isEqualTo(1);
    assertThat(older.stats().decodeFailures()).isZero();
  }

  private void settle() {
    eventually(() -> assertThat(older.stats().fills()).isEqualTo(older.stats().loads()));
    eventually(() -> assertThat(newer.stats().fills()).isEqualTo(newer.stats().loads()));
  }

  @Test
  void eachVersionLoadsOnceInBatches() {
    Set<String> keys = Set.of("a", "b", "c");
    for (int i = 0; i < 5; i++) {
      assertThat(older.getAll(keys, missing -> all(missing, new User("Ada")))).hasSize(3);
      settle();
      assertThat(newer.getAll(keys, missing -> all(missing, new Renamed("Ada"))))
          .isEqualTo(all(keys, new Renamed("Ada")));
      settle();
    }

    assertThat(older.stats().loads()).isEqualTo(3);
    assertThat(newer.stats().loads()).isEqualTo(3);
  }

  private static <V> Map<String, V> all(Set<? extends String> keys, V value) {
    Map<String, V> values = new LinkedHashMap<>();
    keys.forEach(key -> values.put(key, value));
    return values;
  }

  @Test
  void fourVersionsShareAnEntry() {
    CacheAside<String, WithAge> third =
        open(builder(JsonCodec.of(WithAge.class)).store(anotherStore()));
    CacheAside<String, WithCity> fourth =
        open(builder(JsonCodec.of(WithCity.class)).store(anotherStore()));

    for (int i = 0; i < 3; i++) {
      older.get("k", key -> new User("Ada"));
      settle();
      newer.get("k", key -> new Renamed("Ada"));
      settle();
      third.get("k", key -> new WithAge("Ada", 36));
      eventually(() -> assertThat(third.stats().fills()).isEqualTo(1));
      fourth.get("k", key -> new WithCity("Ada", "London"));
      eventually(() -> assertThat(fourth.stats().fills()).isEqualTo(1));
    }

    assertThat(older.get("k", CacheTest::notLoaded)).isEqualTo(new User("Ada"));
    assertThat(fourth.get("k", CacheTest::notLoaded)).isEqualTo(new WithCity("Ada", "London"));

    CacheAside<String, WithZip> fifth =
        open(builder(JsonCodec.of(WithZip.class)).store(anotherStore()));
    fifth.get("k", key -> new WithZip("Ada", "SW1"));
    eventually(() -> assertCached(fifth, "k", new WithZip("Ada", "SW1")));
    assertCached(fourth, "k", new WithCity("Ada", "London"));
    assertNotCached(older, "k");
  }

  @Test
  void anInvalidationReachesAllVersions() {
    older.get("k", key -> new User("Ada"));
    settle();
    newer.get("k", key -> new Renamed("Ada"));
    settle();

    newer.invalidate("k");

    assertThat(older.get("k", key -> new User("Eve"))).isEqualTo(new User("Eve"));
    assertThat(newer.get("k", key -> new Renamed("Eve"))).isEqualTo(new Renamed("Eve"));
  }

  @Test
  void aValueThatWasLoadedBeforeAnInvalidationDoesNotJoin() {
    older.get("k", key -> new User("Ada"));
    settle();

    newer.get(
        "k",
        key -> {
          older.invalidate("k");
          older.put("k", new User("Eve"));
          return new Renamed("Ada");
        });

    eventually(() -> assertThat(newer.stats().refusedFills()).isEqualTo(1));
    assertThat(newer.get("k", key -> new Renamed("Eve"))).isEqualTo(new Renamed("Eve"));
    assertCached(older, "k", new User("Eve"));
  }

  @Test
  void anUpdateLeavesNoOldPayload() {
    older.get("k", key -> new User("Ada"));
    settle();
    newer.get("k", key -> new Renamed("Ada"));
    settle();

    assertThat(newer.update("k", user -> new Renamed("Eve"))).isTrue();

    assertNotCached(older, "k");
    assertThat(older.get("k", key -> new User("Eve"))).isEqualTo(new User("Eve"));
    eventually(() -> assertCached(older, "k", new User("Eve")));
    assertCached(newer, "k", new Renamed("Eve"));
  }

  @Test
  void joiningAnEntryDoesNotProlongIt() {
    older.get("k", key -> new User("Ada"));
    settle();
    older.setTtl("k", Duration.ofSeconds(20));

    newer.get("k", key -> new Renamed("Ada"));
    settle();

    assertCached(older, "k", new User("Ada"));
    assertThat(newer.remainingTtl("k")).hasValueSatisfying(ChangedClassTest::isAtMost20Seconds);
  }

  private static void isAtMost20Seconds(Duration remaining) {
    assertThat(remaining).isLessThanOrEqualTo(Duration.ofSeconds(20));
  }

  @Test
  void aValueThatLivesShorterReplacesTheEntry() {
    CacheAside<String, WithAge> shorter =
        open(
            builder(JsonCodec.of(WithAge.class))
                .ttlFunction((key, value) -> Duration.ofSeconds(20))
                .store(anotherStore()));
    older.get("k", key -> new User("Ada"));
    settle();

    shorter.get("k", key -> new WithAge("Ada", 36));
    eventually(() -> assertCached(shorter, "k", new WithAge("Ada", 36)));

    assertThat(shorter.remainingTtl("k")).hasValueSatisfying(ChangedClassTest::isAtMost20Seconds);
    assertNotCached(older, "k");
  }

  @Test
  void aTooLargeEntryIsReplaced() {
    CacheAside<String, WithCity> small =
        open(builder(JsonCodec.of(WithCity.class)).maxPayloadBytes(100).store(anotherStore()));
    WithCity value = new WithCity("Ada", "x".repeat(60));
    older.get("k", key -> new User("y".repeat(40)));
    settle();

    small.get("k", key -> value);

    eventually(() -> assertCached(small, "k", value));
    assertNotCached(older, "k");
  }

  @Test
  void whatIsNotCachedLeavesTheEntryAlone() {
    older.get("k", key -> new User("Ada"));
    settle();

    newer.getWithContext(
        "k",
        (key, context) -> {
          context.doNotCache();
          return new Renamed("Ada");
        });

    assertNotCached(newer, "k");
    assertCached(older, "k", new User("Ada"));
  }
}
