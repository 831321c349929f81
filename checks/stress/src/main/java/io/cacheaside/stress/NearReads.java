package io.cacheaside.stress;

import io.cacheaside.NearCache;
import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.entry.Lifetime;
import io.cacheaside.internal.entry.TagIds;
import io.cacheaside.internal.near.NearEntry;
import io.cacheaside.internal.near.NearTier;
import io.cacheaside.internal.read.EntryReader;
import io.cacheaside.internal.read.Epochs;
import io.cacheaside.internal.read.Snapshot;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.Store;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One key of a store in memory, with the near tier of one process. */
final class NearReads {
  private static final StillEnvironment ENVIRONMENT = new StillEnvironment();
  private static final Rooms ROOMS = new Rooms(ENVIRONMENT);
  private static final EntryKey<String> KEY = ROOMS.key;
  private static final Duration TTL = Duration.ofDays(1);

  private final Store store = InMemoryStore.builder().nanoTime(ENVIRONMENT::nanoTime).build();
  private final Epochs epochs = new Epochs(ROOMS.keyspace, 0, new Forward(key -> {}));
  private final NearTier<String, String> near =
      new NearTier<>(NearCache.ofEntries(10), epochs, ENVIRONMENT, () -> {});
  private final EntryReader<String, String> entryReader = ROOMS.newReader(epochs);

  NearReads() {
    store.watch(epochs, Duration.ofSeconds(1));
  }

  void write(String value) {
    byte[] payload = ROOMS.entryCodec.encode(KEY, value);
    Lifetime lifetime = new Lifetime(TTL, TTL);
    store.put(
        KEY.text(), ROOMS.entryCodec.valueState(KEY, payload, lifetime, null, TagIds.NONE), TTL);
  }

  /** Reads the store, and keeps near what it finds. */
  void read() {
    EntryReader.Raw raw = now(entryReader.ask(store, KEY, EntryReader.Manner.WATCHED));
    Entry entry = ROOMS.entryCodec.parse(KEY, raw.state());
    String value = ROOMS.entryCodec.decode(KEY, entry);
    near.keep(KEY, value, new Snapshot(entry, raw.remaining(), raw.tags(), raw.readEpochs()), TTL);
  }

  /** Returns the value that a near read would use; null if it would ask the store. */
  @Nullable String find() {
    NearEntry<String> entry = near.find(KEY.key());
    return entry == null ? null : entry.value();
  }

  /** Returns a number that grows with every change that was told. */
  long epoch() {
    return epochs.epochOf(KEY.text(), 0).number();
  }

  /** Says that the key has changed. */
  void tell() {
    epochs.changed(KEY.text());
  }

  private static <T> T now(CompletionStage<T> answer) {
    return answer.toCompletableFuture().join();
  }
}
