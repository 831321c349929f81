package io.cacheaside;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One {@code getAll} of more than {@value BulkGet#PART} keys: a {@link BulkGet} for each part, one
 * after the other. So the leases, timers and commands in flight have a bound, whatever the number
 * of keys.
 *
 * <p>A part that fails does not end the others, unless the call has already taken as long as a load
 * may: then the remaining keys share its failure.
 */
final class BulkGetInParts<K, V> extends Operation<Map<K, V>> {
  private final Engine<K, V> engine;
  private final List<EntryKey<K>> keys;
  private final BulkSource<K, V> source;
  private final ReadOptions options;
  private final Map<K, V> values = new LinkedHashMap<>();
  private final Map<K, Throwable> failures = new LinkedHashMap<>();
  private volatile @Nullable BulkGet<K, V> current;

  BulkGetInParts(
      Engine<K, V> engine,
      Caller caller,
      List<EntryKey<K>> keys,
      BulkSource<K, V> source,
      ReadOptions options) {
    super(engine.context, caller);
    this.engine = engine;
    this.keys = keys;
    this.source = source;
    this.options = options;
  }

  @Override
  void start() {
    whenLeft(this::cancelCurrent);
    Chunks.each(
        keys,
        BulkGet.PART,
        caller,
        () -> mayGoOn() && !caller.isLeaving(),
        this::readPart,
        failure -> finish());
  }

  private void cancelCurrent() {
    BulkGet<K, V> part = current;
    if (part != null) {
      part.result.cancel(false);
    }
  }

  private CompletableFuture<?> readPart(List<EntryKey<K>> some) {
    if (!failures.isEmpty() && isOverdue()) {
      Throwable failure = failures.values().iterator().next();
      some.forEach(key -> failures.put(key.key(), failure));
      return CompletableFuture.completedFuture(null);
    }
    BulkGet<K, V> part = new BulkGet<>(engine, caller, some, source, options);
    current = part;
    CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
    then(
        part.begin(),
        (found, failure) -> {
          add(found, failure);
          ended.complete(null);
        });
    return ended;
  }

  private void add(@Nullable Map<K, V> found, @Nullable Throwable failure) {
    if (found != null) {
      values.putAll(found);
    } else if (failure instanceof BulkLoadException some) {
      add(some);
    } else if (failure != null) {
      fail(failure);
    }
  }

  @SuppressWarnings("unchecked") // the maps of an exception have the types of the call it came from
  private void add(BulkLoadException some) {
    values.putAll((Map<K, V>) some.values());
    failures.putAll((Map<K, Throwable>) some.failures());
  }

  private void finish() {
    if (failures.isEmpty()) {
      succeed(Collections.unmodifiableMap(values));
    } else {
      fail(engine.failures.bulkLoad(values, failures));
    }
  }
}
