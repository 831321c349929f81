package io.cacheaside;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One {@code putAll}: a {@link PutOperation} per key, each step sent together in chunks. */
final class PutAll<K, V> extends Operation<K, V, @Nullable Void> {
  private final List<PutOperation<K, V>> puts = new ArrayList<>();
  private @Nullable Throwable firstFailure;

  PutAll(Engine<K, V> engine, Caller caller, Map<EntryKey<K>, V> values) {
    super(engine, caller);
    values.forEach((key, value) -> puts.add(new PutOperation<>(engine, caller, key, value, null)));
  }

  @Override
  void start() {
    putFrom(0);
  }

  /** Goes on after a failure, so that as many as possible are stored. */
  private void putFrom(int from) {
    int to = Math.min(from + BulkGet.CHUNK, puts.size());
    List<PutOperation<K, V>> some = puts.subList(from, to);
    List<CompletableFuture<?>> claims = new ArrayList<>();
    engine.guard.batch(() -> some.forEach(put -> claims.add(put.claim())));
    then(all(claims), (claimed, never) -> store(some, to));
  }

  private void store(List<PutOperation<K, V>> some, int to) {
    engine.guard.batch(() -> some.forEach(PutOperation::store));
    then(
        all(some.stream().map(put -> put.result).toList()),
        (stored, failure) -> {
          if (failure != null && firstFailure == null) {
            firstFailure = CallerThread.unwrap(failure);
          }
          if (to < puts.size()) {
            putFrom(to);
          } else if (firstFailure == null) {
            succeed(null);
          } else {
            fail(firstFailure);
          }
        });
  }

  private static CompletableFuture<?> all(List<? extends CompletableFuture<?>> futures) {
    return CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new));
  }
}
