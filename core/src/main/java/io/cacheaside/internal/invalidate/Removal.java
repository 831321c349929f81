package io.cacheaside.internal.invalidate;

import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.store.Store;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What an invalidation takes away: some keys, or everything with a tag or that matches a pattern.
 * Repeating it is always safe.
 *
 * @param what in words, for messages
 * @param scope what it is about, if that is more than keys that are known one by one
 * @param keys the keys, if they are
 * @param command takes them away, and tells how many keys that were; of known keys, all
 */
public record Removal<K>(
    String what,
    @Nullable Scope scope,
    List<EntryKey<K>> keys,
    Function<Store, CompletionStage<Long>> command) {

  /** All that have a tag or match a pattern, or all there is: equal if one replaces the other. */
  record Scope(Kind kind, String name) {
    enum Kind {
      TAG,
      PATTERN,
      EVERYTHING
    }
  }

  int count() {
    return scope == null ? keys.size() : 1;
  }
}
