package io.cacheaside.verification.behaviour;

import io.cacheaside.CacheAside;

/** How a test calls a cache. */
enum Face {
  SYNC("sync"),
  ASYNC("async");

  private final String text;

  Face(String text) {
    this.text = text;
  }

  <K, V> CacheAside<K, V> of(CacheAside<K, V> cache) {
    return this == SYNC ? cache : new AsyncFace<>(cache.async());
  }

  @Override
  public String toString() {
    return text;
  }
}
