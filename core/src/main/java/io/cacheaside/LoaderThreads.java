package io.cacheaside;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which keys the loaders that run on a thread are loading, so that none waits for itself. */
final class LoaderThreads {
  private static final ThreadLocal<@Nullable Map<LoaderThreads, Map<String, Integer>>> LOADING =
      new ThreadLocal<>();

  void enter(EntryKey<?> key) {
    Map<LoaderThreads, Map<String, Integer>> loading = LOADING.get();
    if (loading == null) {
      loading = new HashMap<>();
      LOADING.set(loading);
    }
    loading.computeIfAbsent(this, cache -> new HashMap<>()).merge(key.text(), 1, Integer::sum);
  }

  void leave(EntryKey<?> key) {
    Map<LoaderThreads, Map<String, Integer>> loading = LOADING.get();
    Map<String, Integer> keys = loading == null ? null : loading.get(this);
    if (loading == null || keys == null) {
      return;
    }
    keys.computeIfPresent(key.text(), (text, times) -> times == 1 ? null : times - 1);
    if (keys.isEmpty()) {
      loading.remove(this);
    }
    if (loading.isEmpty()) {
      LOADING.remove();
    }
  }

  /** Returns whether this thread is inside any loader of this cache. */
  boolean isLoading() {
    Map<LoaderThreads, Map<String, Integer>> loading = LOADING.get();
    return loading != null && loading.containsKey(this);
  }

  /** Returns whether this thread is inside the loader of a key. */
  boolean isLoading(EntryKey<?> key) {
    Map<LoaderThreads, Map<String, Integer>> loading = LOADING.get();
    Map<String, Integer> keys = loading == null ? null : loading.get(this);
    return keys != null && keys.containsKey(key.text());
  }
}
