package io.cacheaside;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One {@code putAll}: a {@link PutOperation} per key, each step sent together in chunks. */
final class PutAll<K, V> extends Operation<@Nullable Void> {
  private final Engine<K, V> engine;
  private final List<Map.Entry<EntryKey<K>, V>> values;

  PutAll(Engine<K, V> engine, Caller caller, Map<EntryKey<K>, V> values) {
    super(engine.context, caller);
    this.engine = engine;
    this.values = List.copyOf(values.entrySet());
  }

  /** Goes on after a failure, so that as many as possible are stored. */
  @Override
  void start() {
    Chunks.each(
        values,
        Chunks.SIZE,
        caller,
        () -> true,
        this::put,
        failure -> {
          if (failure == null) {
            succeed(null);
          } else {
            fail(failure);
          }
        });
  }

  private CompletableFuture<?> put(List<Map.Entry<EntryKey<K>, V>> chunk) {
    List<PutOperation<K, V>> puts = chunk.stream().map(this::putOf).toList();
    together(() -> puts.forEach(PutOperation::claim));
    then(
        all(puts.stream().map(PutOperation::claimed).toList()),
        (claimed, never) -> together(() -> puts.forEach(PutOperation::store)));
    return all(puts.stream().map(put -> put.result).toList());
  }

  private PutOperation<K, V> putOf(Map.Entry<EntryKey<K>, V> one) {
    return new PutOperation<>(engine, caller, one.getKey(), one.getValue(), null);
  }

  private static CompletableFuture<?> all(List<? extends CompletableFuture<?>> futures) {
    return Stages.allOf(futures);
  }
}
