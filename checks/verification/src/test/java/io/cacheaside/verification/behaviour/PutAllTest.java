package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Several values stored together. */
@OnEveryStore
class PutAllTest extends CacheTest {

  private static Map<String, String> numbered(int count) {
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      values.put("key " + i, "value " + i);
    }
    return values;
  }

  @Test
  void tenThousandValuesAreStored() {
    CacheAside<String, String> cache = open();
    Map<String, String> values = numbered(10_000);

    cache.putAll(values);

    assertThat(cache.getAll(values.keySet(), BulkTest::itself)).isEqualTo(values);
    assertThat(cache.stats().loads()).isZero();
  }

  @Test
  void aFailureDoesNotKeepTheOthersFromBeingStored() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    Map<String, String> values = numbered(1_000);
    store.every(FaultyStore.Operation.SWAP).of(stored("key 3")).fail(Reason.REFUSED);

    assertThatExceptionOfType(StoreException.class).isThrownBy(() -> cache.putAll(values));

    assertNotCached(cache, "key 3");
    values.remove("key 3");
    assertThat(cache.getAll(values.keySet(), BulkTest::itself)).isEqualTo(values);
    assertThat(cache.stats().loads()).isZero();
  }

  @Test
  void nothingIsNothing() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));

    cache.putAll(Map.of());

    for (FaultyStore.Operation operation : FaultyStore.Operation.values()) {
      assertThat(store.count(operation)).isZero();
    }
  }
}
