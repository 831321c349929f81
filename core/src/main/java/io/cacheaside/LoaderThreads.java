package io.cacheaside;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Which keys the loaders that run on a thread are loading, so that none waits for itself. */
final class LoaderThreads {
  private static final ThreadLocal<@Nullable Deque<Inside>> LOADING = new ThreadLocal<>();

  private record Inside(LoaderThreads cache, String key) {}

  void enter(EntryKey<?> key) {
    Deque<Inside> loading = LOADING.get();
    if (loading == null) {
      loading = new ArrayDeque<>();
      LOADING.set(loading);
    }
    loading.push(new Inside(this, key.text()));
  }

  void leave(EntryKey<?> key) {
    Deque<Inside> loading = LOADING.get();
    if (loading != null) {
      loading.remove(new Inside(this, key.text()));
      if (loading.isEmpty()) {
        LOADING.remove();
      }
    }
  }

  /** Returns whether this thread is inside any loader of this cache. */
  boolean isLoading() {
    Deque<Inside> loading = LOADING.get();
    return loading != null && loading.stream().anyMatch(one -> one.cache() == this);
  }

  /** Returns whether this thread is inside the loader of a key. */
  boolean isLoading(EntryKey<?> key) {
    Deque<Inside> loading = LOADING.get();
    return loading != null && loading.contains(new Inside(this, key.text()));
  }
}
