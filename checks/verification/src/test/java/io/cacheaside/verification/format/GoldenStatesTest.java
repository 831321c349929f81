package io.cacheaside.verification.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.Lookup;
import io.cacheaside.SharedLoadException;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.Store;
import io.cacheaside.testkit.ForwardingStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Today's writer writes what the current format had in the beginning, to the byte, and today's
 * reader reads it; what older formats wrote is replaced, and never taken for something else.
 */
@Tag("edge")
class GoldenStatesTest {
  private static final int CURRENT = 2;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final CountedIds environment = new CountedIds();
  private final RecordingStore store = new RecordingStore();

  /** A store that knows what was ever written to it, as lines of key and bytes. */
  private static final class RecordingStore extends ForwardingStore {
    private final List<String> written = new ArrayList<>();

    RecordingStore() {
      super(InMemoryStore.builder().nanoTime(() -> CountedIds.NOW_NANOS).build());
    }

    private void note(String key, byte[] state) {
      written.add(key + " " + HexFormat.of().formatHex(state));
    }

    @Override
    public CompletionStage<byte @Nullable []> putIfAbsent(String key, byte[] state, Duration ttl) {
      note(key, state);
      return super.putIfAbsent(key, state, ttl);
    }

    @Override
    public CompletionStage<@Nullable Void> put(String key, byte[] state, Duration ttl) {
      note(key, state);
      return super.put(key, state, ttl);
    }

    @Override
    public CompletionStage<Boolean> swap(
        String key, byte[] stamp, byte[] state, @Nullable Duration ttl) {
      note(key, state);
      return super.swap(key, stamp, state, ttl);
    }

    @Override
    public CompletionStage<Boolean> swapEvenIfFull(
        String key, byte @Nullable [] stamp, byte[] state, Duration ttl) {
      note(key, state);
      return super.swapEvenIfFull(key, stamp, state, ttl);
    }

    @Override
    public CompletionStage<Boolean> swapHead(
        String key, byte[] stamp, byte[] head, @Nullable Duration ttl) {
      return super.swapHead(key, stamp, head, ttl)
          .whenComplete((swapped, failure) -> note(key, stored(this, key)));
    }
  }

  private static byte[] stored(Store store, String key) {
    byte[] state = store.read(key).toCompletableFuture().join();
    assertThat(state).isNotNull();
    return state;
  }

  private CacheAside<String, String> users(
      UnaryOperator<CacheAsideBuilder<String, String>> settings) {
    return settings
        .apply(
            CacheAside.builder("users", Codec.string())
                .store(store)
                .environment(environment)
                .ttl(MINUTE)
                .ttlJitter(0)
                .schemaVersion(3))
        .build();
  }

  static Stream<Golden> current() {
    return Golden.ofFormat(CURRENT).stream();
  }

  static Stream<Golden> older() {
    return Stream.iterate(1, format -> format < CURRENT, format -> format + 1)
        .flatMap(format -> Golden.ofFormat(format).stream());
  }

  @ParameterizedTest
  @EnumSource
  void everythingIsHeldAgainstAFile(Written what) {
    assertThat(current().map(Golden::name)).contains(what.name());
  }

  @ParameterizedTest
  @MethodSource("current")
  void theWriterWritesExactlyThat(Golden golden) {
    Written what = Written.valueOf(golden.name());
    if (what.takesALeaseToPut()) {
      environment.startBefore();
    }
    try (CacheAside<String, String> users = users(what::set)) {
      what.with(users);
    }

    assertThat(store.written).contains(golden.key() + " " + golden.hex());
  }

  private void keep(String name) {
    current()
        .filter(golden -> golden.name().equals(name))
        .forEach(golden -> store.put(golden.key(), golden.state(), golden.ttl()));
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "LOADED",
        "PUT",
        "KEPT_LONGER",
        "REFRESHED",
        "TAGGED",
        "OF_A_GENERATION",
        "TAGGED_BY_ITS_LOADER"
      })
  void theReaderFindsTheValue(Written what) {
    keep(what.name());
    if (what == Written.TAGGED) {
      keep(Written.TAG.name());
    }
    try (CacheAside<String, String> users = users(what::set)) {
      String value = what == Written.REFRESHED ? "Ada Lovelace" : "Ada";
      assertThat(users.get("42", key -> "loaded")).isEqualTo(value);
    }
  }

  @Test
  void theReaderFindsAnAbsence() {
    keep("ABSENT");
    try (CacheAside<String, String> users = users(Written.ABSENT::set)) {
      assertThat(users.lookup("42")).isInstanceOf(Lookup.AbsentInSource.class);
    }
  }

  @Test
  void theReaderFindsAMarkedValue() {
    keep("MARKED");
    try (CacheAside<String, String> users = users(Written.MARKED::set)) {
      assertThat(users.lookup("42")).isInstanceOf(Lookup.Stale.class);
    }
  }

  @Test
  void theReaderFindsAFailure() {
    keep("FAILED");
    try (CacheAside<String, String> users = users(Written.FAILED::set)) {
      assertThatExceptionOfType(SharedLoadException.class)
          .isThrownBy(() -> users.get("42", key -> "loaded"))
          .extracting(SharedLoadException::failureClass)
          .isEqualTo("java.lang.IllegalStateException");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NOT_TO_BE_CACHED", "HELD_OFF", "HELD_OFF_FOR_A_VERSION", "FENCED"})
  void whereNothingIsToBeStoredTheReaderLoadsAndLeavesItThere(Written what) {
    keep(what.name());
    byte[] before = stored(store, "users:42");
    try (CacheAside<String, String> users = users(what::set)) {
      if (what != Written.NOT_TO_BE_CACHED) {
        assertThat(users.get("42", key -> "loaded")).isEqualTo("loaded");
      }
      assertThat(users.lookup("42")).isInstanceOf(Lookup.NotCached.class);
    }
    assertThat(stored(store, "users:42")).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("older")
  void whatAnOlderFormatWroteIsReplaced(Golden golden) {
    store.put(golden.key(), golden.state(), golden.ttl());
    try (CacheAside<String, String> users = users(builder -> builder)) {
      String key = golden.key().substring("users:".length());

      assertThat(users.lookup(key)).isInstanceOf(Lookup.NotCached.class);
      assertThat(users.get(key, any -> "loaded")).isEqualTo("loaded");
      assertThat(users.get(key, any -> "loaded again")).isEqualTo("loaded");
    }
  }
}
