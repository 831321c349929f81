package io.cacheaside.internal.read;

import io.cacheaside.codec.CodecException;
import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryCodec;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.events.Events;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Decodes the values of entries, and tells of those that are not readable. */
public final class ValueReader<K, V> {
  private final EntryCodec<K, V> entryCodec;
  private final Events<K> events;

  public ValueReader(EntryCodec<K, V> entryCodec, Events<K> events) {
    this.entryCodec = entryCodec;
    this.events = events;
  }

  /** Returns the value of an entry; null if it is not readable. */
  public @Nullable V decodeOrNull(EntryKey<K> key, Entry entry) {
    return decodeOr(key, entry, failure -> {});
  }

  /** Returns the value of an entry. If it is not readable, goes on otherwise and returns null. */
  public @Nullable V decodeOr(EntryKey<K> key, Entry entry, Consumer<CodecException> otherwise) {
    try {
      return entryCodec.decode(key, entry);
    } catch (CodecException e) {
      events.decodeFailed(key, e);
      otherwise.accept(e);
      return null;
    }
  }
}
