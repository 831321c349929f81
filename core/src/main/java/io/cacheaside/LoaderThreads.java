package io.cacheaside;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Which keys the loaders that run on a thread are loading, so that none waits for itself. */
final class LoaderThreads {
  private static final ThreadLocal<@Nullable Deque<Loading>> LOADING = new ThreadLocal<>();

  private record Loading(LoaderThreads cache, String key) {}

  void enter(EntryKey<?> key) {
    Deque<Loading> loading = LOADING.get();
    if (loading == null) {
      loading = new ArrayDeque<>();
      LOADING.set(loading);
    }
    loading.push(new Loading(this, key.text()));
  }

  void leave(EntryKey<?> key) {
    Deque<Loading> loading = LOADING.get();
    if (loading != null) {
      loading.remove(new Loading(this, key.text()));
      if (loading.isEmpty()) {
        LOADING.remove();
      }
    }
  }

  /** Returns whether this thread is inside the loader of a key. */
  boolean isLoading(EntryKey<?> key) {
    Deque<Loading> loading = LOADING.get();
    return loading != null && loading.contains(new Loading(this, key.text()));
  }
}
