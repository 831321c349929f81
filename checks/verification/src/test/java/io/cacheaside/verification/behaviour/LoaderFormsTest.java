package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.entry;

import io.cacheaside.BulkLoadException;
import io.cacheaside.BulkLoader;
import io.cacheaside.CacheAside;
import io.cacheaside.Loader;
import io.cacheaside.ReadOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Loaders in the forms that repositories have. */
@OnEveryStore
class LoaderFormsTest extends CacheTest {

  private Optional<String> findById(String key) {
    return Optional.ofNullable(source.get(key));
  }

  @Test
  void aLoaderMayReturnAnOptional() {
    CacheAside<String, String> cache = open();
    source.with("k", "v");

    assertThat(cache.find("k", this::findById)).contains("v");
    assertThat(cache.find("k", this::findById)).contains("v");
    assertThat(cache.find("unknown", ReadOptions.defaults(), this::findById)).isEmpty();
    assertThat(cache.get("k", Loader.ofOptional(this::findById))).isEqualTo("v");

    assertThat(source.reads("k")).isEqualTo(1);
  }

  @Test
  void anAbsenceOfAnOptionalIsCached() {
    CacheAside<String, String> cache = open(builder().absentTtl(Duration.ofMinutes(1)));

    assertThat(cache.find("k", this::findById)).isEmpty();
    eventually(() -> assertThat(cache.find("k", CacheTest::notLoaded)).isEmpty());
  }

  @Test
  void nullInsteadOfAnOptionalIsAFailureOfTheLoader() {
    CacheAside<String, String> cache = open();

    assertThat(catchThrowable(() -> cache.find("k", key -> null)))
        .isInstanceOf(NullPointerException.class);
  }

  @Test
  void oneReadMayHaveItsOwnTimeToLive() {
    CacheAside<String, String> cache = open();

    cache.get("k", Duration.ofMinutes(1), key -> "v");

    eventually(
        () ->
            assertThat(cache.remainingTtl("k").orElseThrow())
                .isLessThanOrEqualTo(Duration.ofMinutes(1)));
  }

  /** Names its own key: {@code KEY=VALUE}. */
  private static String keyOf(String value) {
    return value.substring(0, value.indexOf('='));
  }

  @Test
  void aBulkLoaderMayReturnValuesWithoutKeys() {
    CacheAside<String, String> cache = open();
    List<List<String>> asked = new ArrayList<>();

    Map<String, String> values =
        cache.getAll(
            List.of("a", "b", "c"),
            BulkLoader.byKey(
                LoaderFormsTest::keyOf,
                keys -> {
                  asked.add(keys);
                  return Arrays.asList("c=3", null, "a=1", "x=not asked for");
                }));

    assertThat(values).containsExactly(entry("a", "a=1"), entry("c", "c=3"));
    assertThat(asked).hasSize(1);
    assertThat(asked.get(0)).containsExactlyInAnyOrder("a", "b", "c");
  }

  @Test
  void twoValuesOfOneKeyAreAFailure() {
    CacheAside<String, String> cache = open();

    assertThatExceptionOfType(BulkLoadException.class)
        .isThrownBy(
            () ->
                cache.getAll(
                    List.of("a"),
                    BulkLoader.byKey(LoaderFormsTest::keyOf, keys -> List.of("a=1", "a=2"))))
        .withStackTraceContaining("two values with the same key");
  }

  @Test
  void aBlockingLoaderOfAnAsynchronousReadHasAThreadOfItsOwn() throws Exception {
    CacheAside<String, String> cache = open();
    CountDownLatch goOn = new CountDownLatch(1);
    List<CompletableFuture<String>> reads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      reads.add(
          cache
              .async()
              .getBlocking(
                  "k" + i,
                  key -> {
                    goOn.await();
                    return "value of " + key;
                  }));
    }

    cache.put("other", "v");
    assertThat(cache.async().getIfPresent("other").get(20, java.util.concurrent.TimeUnit.SECONDS))
        .isEqualTo("v");
    assertThat(reads).noneMatch(CompletableFuture::isDone);

    goOn.countDown();
    for (int i = 0; i < 4; i++) {
      assertThat(reads.get(i).join()).isEqualTo("value of k" + i);
    }
  }

  @Test
  void aBlockingLoaderThatThrowsFailsTheFuture() {
    CacheAside<String, String> cache = open();
    IOException thrown = new IOException("no source");

    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(
            () ->
                cache
                    .async()
                    .getBlocking(
                        "k",
                        key -> {
                          throw thrown;
                        })
                    .join())
        .havingCause()
        .isSameAs(thrown);
  }

  @Test
  void aBlockingBulkLoaderServesAsynchronousReads() {
    CacheAside<String, String> cache = open();

    Map<String, String> values =
        cache.async().getAllBlocking(List.of("a", "b"), keys -> Map.of("a", "1")).join();

    assertThat(values).containsExactly(entry("a", "1"));
  }

  @Test
  void severalKeysAreInvalidatedWithoutAList() {
    CacheAside<String, String> cache = open();
    cache.putAll(Map.of("a", "1", "b", "2", "c", "3"));

    cache.invalidateAll("a", "b");

    assertThat(cache.getAllPresent(List.of("a", "b", "c"))).containsOnlyKeys("c");
  }

  @Test
  void aValueWithoutAKeyIsAFailure() {
    CacheAside<String, String> cache = open();

    assertThatExceptionOfType(BulkLoadException.class)
        .isThrownBy(
            () ->
                cache.getAll(List.of("a"), BulkLoader.byKey(value -> null, keys -> List.of("a=1"))))
        .withStackTraceContaining("keyOf returned null");
  }
}
