package io.cacheaside.verification.behaviour;

import static io.cacheaside.verification.behaviour.CacheTest.assertCached;
import static io.cacheaside.verification.behaviour.CacheTest.assertNotCached;
import static io.cacheaside.verification.behaviour.CacheTest.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.CacheHealth;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.RetryPolicy;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.store.StoreException;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Invalidations that count only when a replica has them too, on a primary and a replica. */
@ParameterizedClass
@EnumSource
@Tag("faults")
@Tag("full")
@Timeout(60)
class InvalidationCopiesTest {
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** What takes something away. */
  enum Removing {
    INVALIDATE(cache -> cache.invalidate("k")),
    INVALIDATE_VERSION(cache -> cache.invalidate("k", 7)),
    INVALIDATE_ALL(cache -> cache.invalidateAll(List.of("k", "other"))),
    INVALIDATE_MATCHING(cache -> cache.invalidateMatching("k*")),
    INVALIDATE_TAG(cache -> cache.invalidateTag("tag")),
    CLEAR(CacheAside::clear),
    WRITE_THEN_INVALIDATE(cache -> cache.writeThenInvalidate("k", () -> "written")),
    FENCE(cache -> cache.fence("k").invalidate());

    private final Consumer<CacheAside<String, String>> action;

    Removing(Consumer<CacheAside<String, String>> action) {
      this.action = action;
    }
  }

  @Parameter Face face;

  private final Callers callers = new Callers();
  private final List<AutoCloseable> open = new ArrayList<>();
  private RedisServer primary;
  private RedisServer replica;

  @BeforeEach
  void start() {
    primary = closedAfterwards(RedisServer.start());
    replica = startReplica();
  }

  private RedisServer startReplica() {
    return closedAfterwards(
        RedisServer.builder().binary(ServerBinary.BUNDLED).replicaOf(primary).start());
  }

  private <T extends AutoCloseable> T closedAfterwards(T what) {
    open.add(0, what);
    return what;
  }

  @AfterEach
  void end() throws Exception {
    callers.end();
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  /** A cache over a store of its own whose invalidations wait for the replica. */
  private CacheAsideBuilder<String, String> copying(Duration copyTimeout) {
    RedisStore store =
        RedisStore.builder()
            .uri(primary.uri())
            .commandTimeout(LONG)
            .invalidationCopies(1)
            .copyTimeout(copyTimeout)
            .connect();
    primary.command("CONFIG", "RESETSTAT");
    return CacheAside.builder("copied", Codec.string())
        .store(closedAfterwards(store))
        .invalidationRetry(RetryPolicy.none());
  }

  private CacheAside<String, String> open(CacheAsideBuilder<String, String> builder) {
    return face.of(closedAfterwards(builder.build()));
  }

  private void put(CacheAside<String, String> cache, String key, String value) {
    cache.put(key, value);
    eventually(() -> assertThat(isOn(replica, key)).isTrue());
  }

  private static boolean isOn(RedisServer server, String key) {
    return Long.valueOf(1).equals(server.command("EXISTS", "cache:copied:" + key));
  }

  private static InvalidationFailedException failure(Runnable invalidation) {
    return catchThrowableOfType(InvalidationFailedException.class, invalidation::run);
  }

  @Test
  void whatWasInvalidatedIsGoneFromTheReplicaToo() {
    CacheAside<String, String> cache = open(copying(LONG));
    for (int i = 0; i < 20; i++) {
      put(cache, "k", "v");

      cache.invalidate("k");

      assertThat(isOn(replica, "k")).isFalse();
      assertNotCached(cache, "k");
    }
    assertThat(primary.commandCalls("wait")).isEqualTo(20);
    assertThat(cache.stats().unconfirmedInvalidations()).isZero();
  }

  @Test
  void anInvalidationDoesNotReturnBeforeTheReplicaHasIt() throws Exception {
    CacheAside<String, String> cache = open(copying(LONG));
    put(cache, "k", "old");
    replica.freeze();

    Call<Boolean> invalidation =
        callers.start(
            () -> {
              cache.invalidate("k");
              return isOn(replica, "k");
            });
    eventually(() -> assertThat(primary.info("clients")).containsEntry("blocked_clients", "1"));

    assertThat(invalidation.isDone()).isFalse();
    assertThat(cache.get("other", key -> "meanwhile")).isEqualTo("meanwhile");
    replica.thaw();
    assertThat(invalidation.result()).isFalse();
  }

  @Test
  void aKeyWhoseReplicaIsFrozenIsReadAroundUntilItHasTheInvalidation() {
    CacheAside<String, String> cache = open(copying(SHORT));
    put(cache, "k", "old");
    put(cache, "other", "kept");
    replica.freeze();

    InvalidationFailedException failure = failure(() -> cache.invalidate("k"));

    assertThat(failure).hasStackTraceContaining("WAIT: 0 of 1 copies");
    assertThat(cache.stats().unconfirmedInvalidations()).isEqualTo(1);
    assertThat(cache.health().status()).isEqualTo(CacheHealth.Status.DEGRADED);
    assertThat(cache.get("k", key -> "new")).isEqualTo("new");
    assertThat(cache.get("k", key -> "newer")).isEqualTo("newer");
    assertThat(cache.get("other", CacheTest::notLoaded)).isEqualTo("kept");

    replica.thaw();

    eventually(() -> assertThat(cache.stats().replayedInvalidations()).isEqualTo(1));
    assertThat(cache.stats().unconfirmedInvalidations()).isZero();
    assertThat(isOn(replica, "k")).isFalse();
    assertThat(cache.get("k", key -> "newest")).isEqualTo("newest");
    eventually(() -> assertCached(cache, "k", "newest"));
  }

  @Test
  void aKeyWhoseReplicaIsGoneIsReadAroundUntilThereIsAnother() {
    CacheAside<String, String> cache = open(copying(SHORT));
    put(cache, "k", "old");
    replica.kill();

    InvalidationFailedException failure = failure(() -> cache.invalidate("k"));

    assertThat(failure).hasMessageContaining("key 'k'");
    assertThat(cache.get("k", key -> "new")).isEqualTo("new");
    assertThat(cache.get("k", key -> "newer")).isEqualTo("newer");

    startReplica();

    eventually(() -> assertThat(cache.stats().replayedInvalidations()).isEqualTo(1));
    assertThat(cache.get("k", key -> "newest")).isEqualTo("newest");
    eventually(() -> assertCached(cache, "k", "newest"));
  }

  @Test
  void anInvalidationIsTriedAgainUntilTheReplicaHasIt() throws Exception {
    CacheAside<String, String> cache =
        open(copying(SHORT).invalidationRetry(RetryPolicy.of(1_000)));
    put(cache, "k", "old");
    replica.freeze();
    Call<Boolean> invalidation =
        callers.start(
            () -> {
              cache.invalidate("k");
              return isOn(replica, "k");
            });
    eventually(() -> assertThat(cache.stats().storeFailures()).isPositive());

    replica.thaw();

    assertThat(invalidation.result()).isFalse();
    assertThat(cache.stats().unconfirmedInvalidations()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void allThatTakesAwayWaitsForTheReplica(Removing removing) {
    CacheAside<String, String> cache =
        open(
            copying(SHORT)
                .tags(key -> List.of("tag"))
                .holdOff(MINUTE)
                .version(Long::parseLong)
                .fenceTime(MINUTE));
    cache.put("k", "1");
    primary.awaitReplicationTo(replica);
    replica.freeze();

    InvalidationFailedException failure = failure(() -> removing.action.accept(cache));

    assertThat(failure).hasStackTraceContaining("WAIT: 0 of 1 copies");
    assertThat(failure.isWriteCommitted()).isEqualTo(removing == Removing.WRITE_THEN_INVALIDATE);
    assertNotCached(cache, "k");
    replica.thaw();
    eventually(() -> assertThat(cache.stats().unconfirmedInvalidations()).isZero());
  }

  @Test
  void clearingAtOnceWaitsForTheReplicaToo() {
    CacheAside<String, String> cache = open(copying(SHORT).instantClear());
    cache.put("k", "old");
    primary.awaitReplicationTo(replica);
    replica.freeze();

    InvalidationFailedException failure = failure(cache::clear);

    assertThat(failure).hasStackTraceContaining("WAIT: 0 of 1 copies");
    assertNotCached(cache, "k");
    replica.thaw();
    eventually(() -> assertThat(cache.stats().unconfirmedInvalidations()).isZero());
  }

  @Test
  void anUpdateThatRemovesWhatItCannotChangeWaitsForTheReplica() {
    CacheAside<String, String> cache = open(copying(SHORT).absentTtl(MINUTE));
    cache.get("k", key -> null);
    eventually(() -> assertThat(isOn(replica, "k")).isTrue());
    replica.freeze();

    StoreException failure =
        catchThrowableOfType(StoreException.class, () -> cache.update("k", old -> old + "+"));

    assertThat(failure).hasStackTraceContaining("WAIT: 0 of 1 copies");
    assertThat(cache.stats().unconfirmedInvalidations()).isEqualTo(1);
    replica.thaw();
    eventually(() -> assertThat(cache.stats().unconfirmedInvalidations()).isZero());
    assertThat(isOn(replica, "k")).isFalse();
  }

  @Test
  void nothingElseWaitsForTheReplica() {
    CacheAside<String, String> cache = open(copying(LONG));
    replica.freeze();

    cache.put("k", "v");
    assertThat(cache.update("k", old -> old + "+")).isTrue();
    assertThat(cache.touch("k")).isTrue();
    assertThat(cache.markStale("k")).isTrue();
    assertThat(cache.get("k", key -> "new")).isEqualTo("new");

    assertThat(primary.commandCalls("wait")).isZero();
  }
}
