package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.cacheaside.AsyncLoader;
import io.cacheaside.CacheAside;
import io.cacheaside.Loader;
import io.cacheaside.Lookup;
import io.cacheaside.ReadOptions;
import io.cacheaside.codec.Codec;
import io.cacheaside.codec.KeyCodec;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A read of one key: from the cache, or else from the source. */
@OnEveryStore
class ReadTest extends CacheTest {

  @Test
  void aMissLoadsAndLaterReadsHit() {
    CacheAside<String, String> cache = open();
    source.with("k", "v");

    for (int i = 0; i < 5; i++) {
      assertThat(cache.get("k", source::get)).isEqualTo("v");
    }

    assertThat(source.reads()).isEqualTo(1);
  }

  @Test
  void aHitDoesNotRunTheLoader() {
    CacheAside<String, String> cache = open();
    cached(cache, "k", "v");

    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("v");
  }

  @Test
  void theLoaderIsGivenTheKey() {
    CacheAside<String, String> cache = open();

    assertThat(cache.get("k", key -> "loaded " + key)).isEqualTo("loaded k");
    assertThat(cache.get("j", key -> "loaded " + key)).isEqualTo("loaded j");
  }

  @Test
  void keysAreLoadedAndKeptApart() {
    CacheAside<String, String> cache = open();
    source.with("a", "1").with("b", "2").with("A", "3");

    for (int i = 0; i < 2; i++) {
      assertThat(cache.get("a", source::get)).isEqualTo("1");
      assertThat(cache.get("b", source::get)).isEqualTo("2");
      assertThat(cache.get("A", source::get)).isEqualTo("3");
    }

    assertThat(source.reads()).isEqualTo(3);
  }

  @Test
  void whatTheSourceDoesNotHaveIsNullAndNotCached() {
    CacheAside<String, String> cache = open();

    assertThat(cache.get("k", source::get)).isNull();
    assertThat(cache.get("k", source::get)).isNull();
    assertNotCached(cache, "k");
    source.with("k", "v");

    assertThat(cache.get("k", source::get)).isEqualTo("v");
    assertThat(source.reads()).isEqualTo(3);
  }

  @Test
  void withATtlForItAnAbsenceIsCached() {
    CacheAside<String, String> cache = open(builder().absentTtl(Duration.ofMinutes(5)));

    for (int i = 0; i < 5; i++) {
      assertThat(cache.get("k", source::get)).isNull();
    }

    assertThat(source.reads()).isEqualTo(1);
    assertThat(cache.lookup("k")).isInstanceOf(Lookup.AbsentInSource.class);
  }

  @Test
  void aCachedAbsenceEndsWithAnInvalidation() {
    CacheAside<String, String> cache = open(builder().absentTtl(Duration.ofMinutes(5)));
    cache.get("k", source::get);
    source.with("k", "v");
    assertThat(cache.get("k", source::get)).isNull();

    cache.invalidate("k");

    assertThat(cache.get("k", source::get)).isEqualTo("v");
  }

  @Test
  void aValueThatDisappearsFromTheSourceIsAnAbsenceAfterAnInvalidation() {
    CacheAside<String, String> cache = open(builder().absentTtl(Duration.ofMinutes(5)));
    cached(cache, "k", "v");
    source.delete("k");

    cache.invalidate("k");

    assertThat(cache.get("k", source::get)).isNull();
    assertThat(cache.lookup("k")).isInstanceOf(Lookup.AbsentInSource.class);
  }

  @Test
  void bothFacesAreOneCache() {
    CacheAside<String, String> cache = open();
    cached(cache, "k", "v");
    CacheAside<String, String> sync = cache.async().sync();

    assertThat(sync.get("k", CacheTest::notLoaded)).isEqualTo("v");
    assertThat(cache.async().get("k", CacheTest::notLoaded).join()).isEqualTo("v");
    assertThat(sync.async()).isSameAs(cache.async());
    assertThat(sync.stats().hits()).isEqualTo(2);
    assertThat(cache.name()).isEqualTo(name);
  }

  @Test
  void anotherProcessSeesTheSameEntries() {
    CacheAside<String, String> here = open();
    CacheAside<String, String> there = open(builder().store(anotherStore()));
    cached(here, "k", "v");

    assertThat(there.get("k", CacheTest::notLoaded)).isEqualTo("v");
    there.invalidate("k");
    source.with("k", "new");

    assertThat(here.get("k", source::get)).isEqualTo("new");
  }

  @Test
  void cachesOfDifferentNamesDoNotMix() {
    CacheAside<String, String> users =
        open(CacheAside.builder(name + "users", Codec.string()).store(store()));
    CacheAside<String, String> orders =
        open(CacheAside.builder(name + "orders", Codec.string()).store(store()));

    users.put("1", "a user");
    orders.put("1", "an order");
    orders.invalidate("2");

    assertCached(users, "1", "a user");
    assertCached(orders, "1", "an order");
    orders.clear();
    assertCached(users, "1", "a user");
  }

  @Test
  void theShortestFormWorks() {
    try (CacheAside<String, String> cache = CacheAside.over(faultyStore(), Codec.string())) {
      CacheAside<String, String> face = setup.face().of(cache);
      source.with(name, "v");

      assertThat(face.get(name, source::get)).isEqualTo("v");
      assertThat(face.get(name, source::get)).isEqualTo("v");

      assertThat(source.reads()).isEqualTo(1);
      assertThat(face.name()).isEqualTo("default");
      face.invalidate(name);
    }
  }

  @Test
  void keysCanBeNumbersOrIdentifiersOrYourOwn() {
    record OrderLine(long order, int line) {}
    CacheAside<Long, String> numbers =
        open(CacheAside.builder(name + "n", KeyCodec.number(), Codec.string()).store(store()));
    CacheAside<UUID, String> ids =
        open(CacheAside.builder(name + "u", KeyCodec.uuid(), Codec.string()).store(store()));
    CacheAside<OrderLine, String> lines =
        open(
            CacheAside.<OrderLine, String>builder(
                    name + "l", key -> key.order() + "/" + key.line(), Codec.string())
                .store(store()));
    UUID id = UUID.randomUUID();

    numbers.put(Long.MIN_VALUE, "least");
    ids.put(id, "identified");
    lines.put(new OrderLine(1, 23), "1/23");
    lines.put(new OrderLine(12, 3), "12/3");

    assertThat(numbers.lookup(Long.MIN_VALUE).value()).contains("least");
    assertThat(ids.lookup(id).value()).contains("identified");
    assertThat(lines.lookup(new OrderLine(1, 23)).value()).contains("1/23");
    assertThat(lines.lookup(new OrderLine(12, 3)).value()).contains("12/3");
    assertThat(numbers.get(7L, key -> "loaded " + (key + 1))).isEqualTo("loaded 8");
  }

  enum Currency {
    NOK,
    EUR
  }

  record PriceKey(Currency currency, String product, LocalDate day) {}

  @Test
  void keysCanBeOfEveryTypeWithATextOfItsOwn() {
    CacheAside<PriceKey, String> prices =
        open(CacheAside.builder(name + "p", PriceKey.class, Codec.string()).store(store()));
    CacheAside<Integer, String> numbers =
        open(CacheAside.builder(name + "n", KeyCodec.integer(), Codec.string()).store(store()));
    CacheAside<Currency, String> currencies =
        open(CacheAside.builder(name + "c", Currency.class, Codec.string()).store(store()));
    PriceKey shirt = new PriceKey(Currency.NOK, "shirt:red", LocalDate.EPOCH);
    PriceKey tie = new PriceKey(Currency.NOK, "tie%", LocalDate.EPOCH);

    assertThat(prices.get(shirt, PriceKey::product)).isEqualTo("shirt:red");
    assertThat(prices.getAll(List.of(shirt, tie), keys -> Map.of(shirt, "300", tie, "99")))
        .containsEntry(tie, "99");
    prices.put(shirt, "250");
    numbers.put(1, "one");
    currencies.put(Currency.EUR, "euro");

    assertThat(prices.lookup(shirt).value()).contains("250");
    assertThat(prices.lookup(new PriceKey(Currency.EUR, "tie%", LocalDate.EPOCH)).value())
        .isEmpty();
    prices.invalidate(shirt);
    assertThat(prices.lookup(shirt).value()).isEmpty();
    assertThat(numbers.lookup(1).value()).contains("one");
    assertThat(currencies.lookup(Currency.EUR).value()).contains("euro");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CacheAside.builder(name, Object.class, Codec.string()))
        .withMessageContaining("write a KeyCodec");
  }

  @Test
  void aLambdaKnowsTheTypeOfItsKeys() {
    CacheAside<PriceKey, String> prices =
        open(
            CacheAside.builder(
                    name, PriceKey.class, key -> key.product() + key.day(), Codec.string())
                .store(store()));

    prices.put(new PriceKey(Currency.NOK, "shirt", LocalDate.EPOCH), "300");

    assertThat(prices.lookup(new PriceKey(Currency.EUR, "shirt", LocalDate.EPOCH)).value())
        .contains("300");
  }

  @Test
  void aKeyWithANullComponentIsRefused() {
    CacheAside<PriceKey, String> prices =
        open(CacheAside.builder(name, PriceKey.class, Codec.string()).store(store()));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> prices.get(noProduct(), key -> NOT_LOADED))
        .withMessageContaining("component 'product' of record");
  }

  @SuppressWarnings("NullAway")
  private static PriceKey noProduct() {
    return new PriceKey(Currency.NOK, null, LocalDate.EPOCH);
  }

  @Test
  @SuppressWarnings("NullAway")
  void nullArgumentsAreRefused() {
    CacheAside<String, String> cache = open();
    Loader<String, String> noLoader = null;
    ReadOptions noOptions = null;

    // The adapter of the tests makes a loader out of none, so the faces are called as they are.
    assertThatNullPointerException().isThrownBy(() -> cache.async().sync().get("k", noLoader));
    assertThatNullPointerException()
        .isThrownBy(() -> cache.async().get("k", (AsyncLoader<String, String>) null));
    assertThatNullPointerException()
        .isThrownBy(() -> cache.get("k", noOptions, CacheTest::notLoaded));
    assertThatNullPointerException().isThrownBy(() -> cache.put("k", null));
    assertThatNullPointerException().isThrownBy(() -> cache.put("k", "v", null));
    assertThatNullPointerException().isThrownBy(() -> cache.update("k", null));
    assertThatNullPointerException().isThrownBy(() -> cache.setTtl("k", null));
    assertThatNullPointerException().isThrownBy(() -> cache.invalidateMatching(null));
    assertThatNullPointerException().isThrownBy(() -> cache.invalidateAll(null));
    assertThatNullPointerException().isThrownBy(() -> cache.getAll(null, keys -> null));
    assertNotCached(cache, "k");
  }
}
