package io.cacheaside.internal.operation;

import io.cacheaside.ReadOptions;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.load.Load;
import io.cacheaside.internal.load.Source;
import io.cacheaside.internal.read.EntryReader;
import io.cacheaside.internal.read.Snapshot;
import io.cacheaside.store.StoreException;
import org.jspecify.annotations.Nullable;

/** One read of one key, as its {@link Misses.Miss miss} knows it. */
abstract class Reader<K, V> extends Operation<@Nullable V> {
  final EntryKey<K> key;
  final Source<K, V> source;
  final ReadOptions options;

  /** Whether another loader of this cache waits for this read. */
  final boolean nested;

  Reader(
      Context context,
      Caller caller,
      EntryKey<K> key,
      Source<K, V> source,
      ReadOptions options,
      boolean nested) {
    super(context, caller);
    this.key = key;
    this.source = source;
    this.options = options;
    this.nested = nested;
  }

  /** Reads the key again. */
  abstract void read();

  /** Goes on with what a read has shown. */
  abstract void decide(Snapshot snapshot);

  /** Goes on with what a read has brought. */
  abstract void onRaw(EntryReader.@Nullable Raw raw, @Nullable StoreException failure);

  /** Returns whether a read brings more than the state of the key. */
  abstract boolean asksForMore();

  /** Ends with what the load of another reader has brought. */
  abstract void joined(@Nullable V value);

  /** Ends with what its own load has brought. */
  abstract void loaded(@Nullable V value);

  /** Ends with the failure of a load, unless something else may be returned instead. */
  abstract void loadFailed(Throwable failure);

  /** Returns whether the caller goes on with something stale after the soft timeout. */
  abstract boolean isImpatient();

  /** Lets an impatient caller go after the soft timeout. */
  abstract void limitStaleWait();

  /** Returns whether a load that has begun is run together with those of other keys. */
  abstract boolean isRunWithOthers(Load<K, V> load);

  /** Is told that the read knows what it waits for. */
  abstract void waits();
}
