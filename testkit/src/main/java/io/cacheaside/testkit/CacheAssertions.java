package io.cacheaside.testkit;

import java.util.List;
import java.util.function.IntFunction;

/**
 * The two properties that a cache in front of a source is most often missing, as assertions.
 *
 * <p>They let threads loose on a key that nothing else uses and that is not cached yet. What they
 * find is a mistake in any case; that they find nothing is no proof. Several caches stand for
 * several processes: caches of the same name, each on a store instance of its own over the same
 * entries. After a failed assertion, loads may go on in the cache for a moment.
 */
public final class CacheAssertions {

  private CacheAssertions() {}

  /**
   * Lets callers ask for a key all at once, and asserts that they cause one load and all get what
   * it returned. The load goes on until all callers wait.
   *
   * @param callers how many there are, spread over the caches
   * @param value what the load returns
   * @throws AssertionError there was another number of loads, a caller got something else or failed
   * @throws IllegalArgumentException there are no callers or no caches
   */
  @SafeVarargs
  @SuppressWarnings("varargs") // javac does not see that the array is only read
  public static <K, V> void assertSingleLoad(
      int callers, K key, V value, CacheUnderTest<K, V>... caches) {
    require(callers > 0, "callers must be positive: " + callers);
    new SingleLoad<>(key, value).run(callers, listOf(caches));
  }

  /**
   * Lets readers and writers loose on a key, and asserts that no read returns what was written
   * before something whose invalidation had returned before the read began.
   *
   * <p>A writer commits a new version to the source, invalidates, and goes on when the versions are
   * read; a reader goes on when there is a newer one. There are two writers and four readers,
   * spread over the caches. Half of the loads are on their way back from the source while a version
   * is committed and invalidated. The message of a failure has the last events in their order.
   *
   * <p>Near caches of several processes promise less than this: see {@code NearCache}.
   *
   * @param writes how many versions are written; 100 take a second or a few
   * @param values the value of each version, from 0 upwards; no two are equal
   * @throws AssertionError a read returned an old value or one that was never written, or failed
   * @throws IllegalArgumentException there are no writes or no caches
   */
  @SafeVarargs
  @SuppressWarnings("varargs") // javac does not see that the array is only read
  public static <K, V> void assertNoStaleAfterInvalidate(
      int writes, K key, IntFunction<V> values, CacheUnderTest<K, V>... caches) {
    require(writes > 0, "writes must be positive: " + writes);
    new InvalidationRace<>(key, values, listOf(caches)).run(writes);
  }

  private static <T> List<T> listOf(T[] caches) {
    require(caches.length > 0, "at least one cache is needed");
    return List.of(caches);
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
