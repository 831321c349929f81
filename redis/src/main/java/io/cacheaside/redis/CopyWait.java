package io.cacheaside.redis;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import io.cacheaside.redis.Marks.Mark;
import io.cacheaside.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One wait, which those share who came in time for it. Not thread-safe until it begins. */
final class CopyWait {
  private final List<Mark> marks = new ArrayList<>();
  private final CompletableFuture<@Nullable Void> result = new CompletableFuture<>();

  void add(List<Mark> more) {
    marks.addAll(more);
  }

  boolean isEmpty() {
    return marks.isEmpty();
  }

  int size() {
    return marks.size();
  }

  /** Returns the keys of all marks, together as far as one command may have them. */
  List<String[]> keys() {
    return marks.stream()
        .collect(groupingBy(Mark::slot, mapping(Mark::key, toList())))
        .values()
        .stream()
        .map(keys -> keys.toArray(String[]::new))
        .toList();
  }

  CompletionStage<@Nullable Void> result() {
    return result;
  }

  void end(@Nullable StoreException failure) {
    if (failure == null) {
      result.complete(null);
    } else {
      result.completeExceptionally(failure);
    }
  }
}
