package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.store.InMemoryStore;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A call for a million keys, on a store that answers at once. */
@InMemoryOnly
@Tag("edge")
@Tag("full")
class MillionKeysTest extends CacheTest {

  /** The store has no room for nearly all of them, so the heap of a test has. */
  @Test
  @Timeout(900)
  void aMillionKeysAreLoadedOnASmallStack() throws Exception {
    InMemoryStore small = InMemoryStore.builder().maxBytes(16L << 20).build();
    CacheAside<String, String> cache =
        open(builder().store(small).loadTimeout(Duration.ofMinutes(1)));
    List<String> keys = BulkTest.keys(1_000_000);

    assertThat(LargeBatchTest.onASmallStack(() -> cache.getAll(keys, BulkTest::itself)))
        .hasSize(keys.size());

    assertThat(cache.stats().loads()).isEqualTo(keys.size());
  }
}
