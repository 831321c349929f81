package io.cacheaside.internal;

import io.cacheaside.store.Store;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;

/** The names of the caches that are open on each store, so that no two share one by mistake. */
final class OpenCaches {
  private static final Map<Store, Set<String>> NAMES = new WeakHashMap<>();

  private OpenCaches() {}

  static void open(Store store, String name) {
    synchronized (NAMES) {
      if (!NAMES.computeIfAbsent(store, s -> new HashSet<>()).add(name)) {
        throw new IllegalStateException(
            "name is '"
                + name
                + "'; a cache of that name is open on this store: close it first, share it, or"
                + " choose another name");
      }
    }
  }

  static void close(Store store, String name) {
    synchronized (NAMES) {
      Set<String> names = NAMES.get(store);
      if (names != null) {
        names.remove(name);
      }
    }
  }
}
