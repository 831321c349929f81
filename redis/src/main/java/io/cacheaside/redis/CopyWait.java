package io.cacheaside.redis;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import io.cacheaside.redis.CopyMarks.Mark;
import io.cacheaside.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One wait, which those share who came in time for it. Not thread-safe until it begins. */
final class CopyWait {
  private final List<Share> shares = new ArrayList<>();

  /** What one of them has left, and waits for. */
  private record Share(List<Mark> marks, CompletableFuture<@Nullable Void> result) {
    void end(@Nullable StoreException failure) {
      if (failure == null) {
        result.complete(null);
      } else {
        result.completeExceptionally(failure);
      }
    }
  }

  CompletionStage<@Nullable Void> add(List<Mark> marks) {
    Share share = new Share(marks, new CompletableFuture<>());
    shares.add(share);
    return share.result();
  }

  boolean isEmpty() {
    return shares.isEmpty();
  }

  /** Returns the keys of all marks by their slots: together as far as one command may have them. */
  Map<Integer, List<String>> keys() {
    return shares.stream()
        .flatMap(share -> share.marks().stream())
        .collect(groupingBy(Mark::slot, mapping(Mark::key, toList())));
  }

  /** Ends it for all. */
  void fail(StoreException failure) {
    shares.forEach(share -> share.end(failure));
  }

  /** Ends it for each as its slots want it. */
  void end(Map<Integer, StoreException> failedSlots) {
    for (Share share : shares) {
      share.end(
          share.marks().stream()
              .map(mark -> failedSlots.get(mark.slot()))
              .filter(Objects::nonNull)
              .findFirst()
              .orElse(null));
    }
  }
}
