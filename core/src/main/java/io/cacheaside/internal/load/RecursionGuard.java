package io.cacheaside.internal.load;

import io.cacheaside.internal.entry.EntryKey;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which keys the loaders that run on a thread are loading, so that none waits for itself.
 *
 * <p>A loader that ends goes back to what it found, so a stack overflow that kept an inner loader
 * from doing so leaves nothing behind.
 */
public final class RecursionGuard {
  private static final int RESERVED_FRAMES = 400;
  private static final ThreadLocal<@Nullable Inside> LOADING = new ThreadLocal<>();

  /** A loader that a thread is inside of, the keys that it loads, and the loader around it. */
  record Inside(RecursionGuard cache, Set<String> keys, @Nullable Inside outer) {}

  /**
   * Ends a call from within a loader with a {@code StackOverflowError} now, if it has too little
   * stack, and not in the midst of a step: an overflow there can leave a lock of a library held.
   */
  public static void checkStack() {
    if (LOADING.get() != null) {
      reserve(RESERVED_FRAMES, 1, 2, 3, 4, 5, 6);
    }
  }

  /** Uses so many frames, each with what has to be kept in it. */
  @SuppressWarnings("UnusedReturnValue")
  private static long reserve(int frames, long a, long b, long c, long d, long e, long f) {
    return frames == 0 ? a : reserve(frames - 1, b, c, d, e, f, a) ^ a ^ b ^ c ^ d ^ e ^ f;
  }

  /** Returns the innermost loader that this thread is inside of; null if there is none. */
  @Nullable Inside inside() {
    return LOADING.get();
  }

  void enter(Set<String> keys) {
    LOADING.set(new Inside(this, keys, LOADING.get()));
  }

  /** Leaves all loaders that were entered since then. */
  void backTo(@Nullable Inside outer) {
    if (outer == null) {
      LOADING.remove();
    } else {
      LOADING.set(outer);
    }
  }

  /** Returns whether this thread is inside any loader of this cache. */
  public boolean isLoading() {
    for (Inside loading = LOADING.get(); loading != null; loading = loading.outer()) {
      if (loading.cache() == this) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether this thread is inside the loader of a key. */
  public boolean isLoading(EntryKey<?> key) {
    for (Inside loading = LOADING.get(); loading != null; loading = loading.outer()) {
      if (loading.cache() == this && loading.keys().contains(key.text())) {
        return true;
      }
    }
    return false;
  }
}
