package io.cacheaside.examples.demo;

import io.cacheaside.CacheAside;
import java.util.Objects;
import java.util.function.ToLongFunction;

/** The same with this library: it knows at SET time whether the price is still the one to keep. */
final class CacheAsidePrices implements PriceCache {
  private final CacheAside<String, Long> prices;

  CacheAsidePrices(CacheAside<String, Long> prices) {
    this.prices = prices;
  }

  @Override
  public long get(String sku, ToLongFunction<String> loader) {
    return Objects.requireNonNull(prices.get(sku, loader::applyAsLong));
  }

  @Override
  public void invalidate(String sku) {
    prices.invalidate(sku);
  }
}
