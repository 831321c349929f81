package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.CacheListener;
import io.cacheaside.NearCache;
import io.cacheaside.codec.Codec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * G4: code of users that a call for several keys runs may call a cache on the same store and wait
 * for the answer.
 */
@OnEveryStore
@Tag("edge")
class NestedCallTest extends CacheTest {
  private static final List<String> KEYS = List.of("a", "b", "c");
  private static final Map<String, String> VALUES = Map.of("a", "1", "b", "2", "c", "3");

  private CacheAside<String, String> other;

  @BeforeEach
  void openOther() {
    other = open(CacheAside.builder(name + "other", Codec.string()).store(store()));
    KEYS.forEach(key -> other.put(key, "other " + key));
  }

  /** The ways to call a cache from within a call of another one. */
  private enum Call {
    OF_ANOTHER_CACHE,
    OF_ANOTHER_CACHE_AS_A_FUTURE,
    OF_SEVERAL_KEYS
  }

  static Stream<Call> calls() {
    return Stream.of(Call.values());
  }

  private void call(Call call, String key) {
    String value =
        switch (call) {
          case OF_ANOTHER_CACHE -> other.get(key, CacheTest::notLoaded);
          case OF_ANOTHER_CACHE_AS_A_FUTURE ->
              other.async().get(key, k -> AsyncFace.elsewhere(() -> notLoaded(k))).join();
          case OF_SEVERAL_KEYS ->
              other.getAll(Set.of(key), keys -> Map.of(key, "not cached")).get(key);
        };
    assertThat(value).isEqualTo("other " + key);
  }

  private Map<String, String> read(CacheAside<String, String> cache) throws Exception {
    return callers.start(() -> cache.getAll(KEYS, source::getAll)).result();
  }

  /** Text that needs another cache to be written or read. */
  private static final class Nesting implements Codec<String> {
    private final Codec<String> text = Codec.string();
    private final Consumer<String> encoding;
    private final Consumer<String> decoding;

    Nesting(Consumer<String> encoding, Consumer<String> decoding) {
      this.encoding = encoding;
      this.decoding = decoding;
    }

    @Override
    public byte[] encode(String value) {
      encoding.accept(value);
      return text.encode(value);
    }

    @Override
    public String decode(ByteBuffer payload) {
      String value = text.decode(payload);
      decoding.accept(value);
      return value;
    }
  }

  private static String keyOf(String value) {
    return VALUES.entrySet().stream()
        .filter(entry -> entry.getValue().equals(value))
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  @ParameterizedTest
  @MethodSource("calls")
  void theDecoderMayCallACache(Call call) throws Exception {
    Codec<String> codec = new Nesting(value -> {}, value -> call(call, keyOf(value)));
    CacheAside<String, String> cache = open(builder(codec));
    cache.putAll(VALUES);

    assertThat(read(cache)).isEqualTo(VALUES);
    assertThat(cache.stats().loads()).isZero();
  }

  @ParameterizedTest
  @MethodSource("calls")
  void theEncoderMayCallACache(Call call) throws Exception {
    VALUES.forEach(source::with);
    Codec<String> codec = new Nesting(value -> call(call, keyOf(value)), value -> {});
    CacheAside<String, String> cache = open(builder(codec));

    assertThat(read(cache)).isEqualTo(VALUES);

    VALUES.forEach((key, value) -> eventually(() -> assertCached(cache, key, value)));
  }

  @ParameterizedTest
  @MethodSource("calls")
  void theEncoderMayCallACacheWhenValuesArePut(Call call) throws Exception {
    Codec<String> codec = new Nesting(value -> call(call, keyOf(value)), value -> {});
    CacheAside<String, String> cache = open(builder(codec));

    callers
        .start(
            () -> {
              cache.putAll(VALUES);
              return true;
            })
        .result();

    VALUES.forEach((key, value) -> assertCached(cache, key, value));
  }

  @ParameterizedTest
  @MethodSource("calls")
  void theListenerMayCallACache(Call call) throws Exception {
    VALUES.forEach(source::with);
    CacheListener<String> listener =
        new CacheListener<>() {
          @Override
          public void onHit(String key) {
            call(call, key);
          }

          @Override
          public void onMiss(String key) {
            call(call, key);
          }

          @Override
          public void onLoad(String key, Duration duration) {
            call(call, key);
          }
        };
    CacheAside<String, String> cache = open(builder().listener(listener));

    assertThat(read(cache)).isEqualTo(VALUES);
    VALUES.forEach((key, value) -> eventually(() -> assertCached(cache, key, value)));
    assertThat(read(cache)).isEqualTo(VALUES);
  }

  @ParameterizedTest
  @MethodSource("calls")
  void theCopierMayCallACache(Call call) throws Exception {
    CacheAside<String, String> cache =
        open(
            builder()
                .nearCache(NearCache.ofEntries(100))
                .copier(
                    value -> {
                      call(call, keyOf(value));
                      return value;
                    }));
    cache.putAll(VALUES);

    assertThat(read(cache)).isEqualTo(VALUES);
    assertThat(read(cache)).isEqualTo(VALUES);
  }

  @ParameterizedTest
  @MethodSource("calls")
  void theVersionMayBeAskedOfACache(Call call) throws Exception {
    VALUES.forEach(source::with);
    CacheAside<String, String> cache =
        open(
            builder()
                .holdOff(Duration.ofMinutes(1))
                .version(
                    value -> {
                      call(call, keyOf(value));
                      return 2;
                    }));
    KEYS.forEach(key -> cache.invalidate(key, 2));

    assertThat(read(cache)).isEqualTo(VALUES);

    VALUES.forEach((key, value) -> eventually(() -> assertCached(cache, key, value)));
  }

  private CacheAsideBuilder<String, String> fallingBack(Call call) {
    return builder()
        .fallback(
            key -> {
              call(call, key);
              return "fallback " + key;
            });
  }

  private static Map<String, String> fails(Set<String> keys) {
    throw new IllegalStateException("the source is down");
  }

  @ParameterizedTest
  @MethodSource("calls")
  void theFallbackMayCallACacheWhileLoadsAreHeldBack(Call call) throws Exception {
    CacheAside<String, String> cache =
        open(fallingBack(call).failureBackoff(Duration.ofMinutes(1), Duration.ofMinutes(1)));

    for (int i = 0; i < 2; i++) {
      assertThat(callers.start(() -> cache.getAll(KEYS, NestedCallTest::fails)).result())
          .containsEntry("a", "fallback a")
          .containsEntry("c", "fallback c");
    }
  }

  @ParameterizedTest
  @MethodSource("calls")
  void theFallbackMayCallACacheWhenLoadsAreRejected(Call call) throws Exception {
    CacheAside<String, String> cache =
        open(fallingBack(call).maxConcurrentLoads(1).maxQueuedLoads(0));
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    callers.start(
        () ->
            cache.get(
                "busy",
                key -> {
                  inside.countDown();
                  leave.await();
                  return key;
                }));
    inside.await();

    assertThat(callers.start(() -> cache.getAll(KEYS, source::getAll)).result())
        .containsEntry("a", "fallback a")
        .containsEntry("c", "fallback c");
    leave.countDown();
  }

  /** What depends on the future of a call is code of users that the call runs, too. */
  @Test
  void whatDependsOnAFutureMayCallACache() throws Exception {
    VALUES.forEach(source::with);
    CacheAside<String, String> cache = open();

    assertThat(
            callers
                .start(
                    () ->
                        cache
                            .async()
                            .getAll(KEYS, keys -> AsyncFace.elsewhere(() -> source.getAll(keys)))
                            .thenApply(
                                values -> {
                                  KEYS.forEach(key -> call(Call.OF_ANOTHER_CACHE, key));
                                  return values;
                                })
                            .join())
                .result())
        .isEqualTo(VALUES);
  }

  /** The same cache, too: the call that is under way has another caller. */
  @Test
  void theListenerMayCallTheSameCache() throws Exception {
    VALUES.forEach(source::with);
    AtomicReference<CacheAside<String, String>> same = new AtomicReference<>();
    CacheListener<String> listener =
        new CacheListener<>() {
          @Override
          public void onMiss(String key) {
            if (KEYS.contains(key)) {
              same.get().get("nested " + key, k -> "v");
              same.get()
                  .async()
                  .get("nested, too " + key, k -> AsyncFace.elsewhere(() -> "v"))
                  .join();
            }
          }
        };
    same.set(open(builder().listener(listener)));

    assertThat(read(same.get())).isEqualTo(VALUES);
  }
}
