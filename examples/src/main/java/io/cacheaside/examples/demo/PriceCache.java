package io.cacheaside.examples.demo;

import java.util.function.ToLongFunction;

/** A cache of prices, so that the same race can be played against two of them. */
interface PriceCache {

  /** Returns the cached price, or else loads and caches it. */
  long get(String sku, ToLongFunction<String> loader);

  /** Is called after each change of a price. */
  void invalidate(String sku);
}
