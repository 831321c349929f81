package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.BulkLoadException;
import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.LoadContext;
import io.cacheaside.NearCache;
import io.cacheaside.ReadOptions;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Hold;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Values that callers change: with a copier each has an object of its own. */
@OnEveryStore
class CopierTest extends CacheTest {
  private static final List<String> AB = List.of("a", "b");

  /** What loaders returned. */
  private final ConcurrentLinkedQueue<List<String>> loaded = new ConcurrentLinkedQueue<>();

  private CacheAsideBuilder<String, List<String>> copying() {
    return builder(Letters.CODEC).copier(ArrayList::new);
  }

  private List<String> load(String key) {
    List<String> value = Letters.of(String.valueOf(source.get(key)));
    loaded.add(value);
    return value;
  }

  private List<String> loadNamingATag(String key, LoadContext<List<String>> context) {
    context.tags("named");
    return load(key);
  }

  private Map<String, List<String>> loadAll(Set<String> keys) {
    return Map.of("k", load("k"));
  }

  /** Lets a caller change what it got. */
  private static void change(List<String> value) {
    assertThat(value).isEqualTo(AB);
    value.add("c");
  }

  /** Starts a caller that loads, and two that find its lease and join it. */
  private List<Call<List<String>>> loadingAndJoining(CacheAside<String, List<String>> cache) {
    source.with("k", "ab").pause();
    List<Call<List<String>>> calls = new ArrayList<>();
    calls.add(callers.start(() -> cache.get("k", this::load)));
    source.awaitWaiting(1, Callers.DEADLINE);
    calls.addAll(callers.start(2, () -> cache.get("k", this::load)));
    awaitWaiting(cache, 3, calls);
    return calls;
  }

  @Test
  void theCallerThatLoadsAndThoseThatJoinedItCanChangeTheirValues() throws Exception {
    CacheAside<String, List<String>> cache = open(copying());
    List<Call<List<String>>> calls = loadingAndJoining(cache);
    source.resume();

    for (List<String> value : Callers.results(calls)) {
      change(value);
    }
    assertThat(loaded).containsExactly(AB);
    eventually(() -> assertCached(cache, "k", AB));
  }

  @Test
  void eachHitCanBeChanged() {
    CacheAside<String, List<String>> cache = open(copying());
    cache.put("k", AB);

    change(cache.get("k", CacheTest::notLoaded));
    change(cache.get("k", CacheTest::notLoaded));
    change(cache.lookup("k").value().orElseThrow());

    assertCached(cache, "k", AB);
  }

  @Test
  void eachNearHitCanBeChanged() {
    CacheAside<String, List<String>> cache = open(copying().nearCache(NearCache.ofEntries(10)));
    cache.put("k", AB);
    eventually(
        () -> {
          change(cache.get("k", CacheTest::notLoaded));
          assertThat(cache.stats().nearHits()).isGreaterThan(1);
        });
  }

  @Test
  void whatABulkLoaderReturnedStaysItsOwn() {
    CacheAside<String, List<String>> cache = open(copying());
    source.with("k", "ab");

    change(cache.getAll(List.of("k"), this::loadAll).get("k"));

    assertThat(loaded).containsExactly(AB);
    eventually(() -> assertCached(cache, "k", AB));
  }

  @Test
  void aStaleValueAndItsRefreshCanBeChanged() {
    CacheAside<String, List<String>> cache =
        open(copying().staleWhileRevalidate(Duration.ofHours(1)));
    cache.put("k", AB);
    cache.markStale("k");
    source.with("k", "ab");

    change(cache.get("k", this::load));
    eventually(() -> assertThat(cache.stats().fills()).isEqualTo(1));
    change(cache.get("k", CacheTest::notLoaded));

    assertThat(loaded).containsExactly(AB);
    assertCached(cache, "k", AB);
  }

  @Test
  void whatAForcedReadLoadedCanBeChanged() {
    CacheAside<String, List<String>> cache = open(copying());
    cache.put("k", Letters.of("old"));
    source.with("k", "ab");

    change(cache.get("k", ReadOptions.defaults().forceRefresh(), this::load));

    assertThat(loaded).containsExactly(AB);
    eventually(() -> assertCached(cache, "k", AB));
  }

  @Test
  void aFallbackCanBeChanged() {
    List<String> shared = new ArrayList<>(AB);
    CacheAside<String, List<String>> cache = open(copying().fallback(key -> shared));
    source.failNextReads(1, new IllegalStateException("down"));

    change(cache.get("k", this::load));

    assertThat(shared).isEqualTo(AB);
  }

  /** The caller has its value while the tags that its loader named are read. */
  @Test
  void whatACallerChangesBeforeItsValueIsStoredIsNotStored() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, List<String>> cache = open(builder(Letters.CODEC).store(store).loaderTags());
    source.with("k", "ab");
    Hold tag = store.next(Operation.READ).of(name + "%t:named").hold();

    change(cache.getWithContext("k", this::loadNamingATag));
    tag.awaitArrived();
    tag.release();

    eventually(() -> assertCached(cache, "k", AB));
  }

  @Test
  void whatACallerOfAnAsynchronousPutChangesAfterwardsIsNotStored() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, List<String>> cache =
        open(builder(Letters.CODEC).store(store).tags(key -> List.of("red")));
    List<String> value = new ArrayList<>(AB);
    Hold tag = store.next(Operation.READ).of(name + "%t:red").hold();

    CompletableFuture<Void> put = cache.async().put("k", value);
    tag.awaitArrived();
    change(value);
    tag.release();
    put.join();

    assertCached(cache, "k", AB);
  }

  private CacheAside<String, List<String>> copyingUnless(AtomicBoolean broken) {
    return open(
        builder(Letters.CODEC)
            .copier(
                value -> {
                  if (broken.get()) {
                    throw new IllegalStateException("broken");
                  }
                  return new ArrayList<>(value);
                }));
  }

  @Test
  void aCopierThatThrowsFailsTheReadAndTheValueIsCached() {
    AtomicBoolean broken = new AtomicBoolean(true);
    CacheAside<String, List<String>> cache = copyingUnless(broken);
    source.with("k", "ab");

    assertThatThrownBy(() -> cache.get("k", this::load)).hasMessage("broken");

    eventually(() -> assertCached(cache, "k", AB));
    broken.set(false);
    change(cache.get("k", CacheTest::notLoaded));
    assertThat(cache.stats().loadFailures()).isZero();
  }

  @Test
  void aCopierThatThrowsFailsThoseThatJoinedTheLoad() throws Exception {
    AtomicBoolean broken = new AtomicBoolean(true);
    CacheAside<String, List<String>> cache = copyingUnless(broken);
    List<Call<List<String>>> calls = loadingAndJoining(cache);
    source.resume();

    assertThat(Callers.failures(calls)).extracting(Throwable::getMessage).containsOnly("broken");
    assertThat(loaded).hasSize(1);
  }

  @Test
  void aCopierThatThrowsFailsItsKeyOfABulkLoadAlone() {
    CacheAside<String, List<String>> cache = copyingUnless(new AtomicBoolean(true));
    source.with("k", "ab");

    assertThatThrownBy(() -> cache.getAll(List.of("k", "absent"), this::loadAll))
        .isInstanceOfSatisfying(
            BulkLoadException.class,
            failure -> assertThat(failure.failures()).containsOnlyKeys("k"))
        .hasRootCauseMessage("broken");
  }

  @Test
  void aCopierThatReturnsNullFailsTheRead() {
    CacheAside<String, List<String>> cache = open(builder(Letters.CODEC).copier(value -> null));
    source.with("k", "ab");

    assertThatThrownBy(() -> cache.get("k", this::load))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("copier returned null");
  }
}
