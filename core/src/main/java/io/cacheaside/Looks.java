package io.cacheaside;

import io.cacheaside.store.Store;
import io.cacheaside.store.TimedState;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads keys with everything by which an entry is judged: its age, and the ids of its tags. */
final class Looks<K, V> {
  private final Entries<K, V> entries;
  private final Tags<K, V> tags;

  Looks(Entries<K, V> entries, Tags<K, V> tags) {
    this.entries = entries;
    this.tags = tags;
  }

  /** What a look brought, before anybody has made sense of it. */
  @SuppressWarnings("ArrayRecordComponent")
  record Raw(byte @Nullable [] state, @Nullable Duration remaining, TagIds tags) {}

  /**
   * Reads a key, and its tags in the same batch.
   *
   * @param timed whether its remaining time is wanted
   */
  CompletionStage<Raw> ask(Store store, EntryKey<K> key, boolean timed) {
    return timed
        ? askTimed(store, key, Integer.MAX_VALUE)
        : together(store, () -> ask(store, key, false, tags.new Reading(store)));
  }

  /** Reads the first bytes of a key with its remaining time, and its tags in the same batch. */
  CompletionStage<Raw> askTimed(Store store, EntryKey<K> key, int maxBytes) {
    return together(
        store,
        () ->
            withTags(
                store.readTimed(key.text(), maxBytes).thenApply(Looks::raw),
                key,
                tags.new Reading(store)));
  }

  /**
   * Reads one of several keys.
   *
   * @param reading reads the tags, each once for all keys that are asked for with it
   */
  CompletionStage<Raw> ask(
      Store store, EntryKey<K> key, boolean timed, Tags<K, V>.Reading reading) {
    CompletionStage<Raw> raw =
        timed
            ? store.readTimed(key.text(), Integer.MAX_VALUE).thenApply(Looks::raw)
            : store.read(key.text()).thenApply(state -> new Raw(state, null, TagIds.NONE));
    return withTags(raw, key, reading);
  }

  /** Reads the tags of a key alone. */
  CompletionStage<TagIds> tags(Store store, EntryKey<K> key) {
    return together(store, () -> tags.new Reading(store).of(key));
  }

  private CompletionStage<Raw> withTags(
      CompletionStage<Raw> raw, EntryKey<K> key, Tags<K, V>.Reading reading) {
    return tags.areUsed()
        ? raw.thenCombine(reading.of(key), (r, ids) -> new Raw(r.state(), r.remaining(), ids))
        : raw;
  }

  private static Raw raw(@Nullable TimedState state) {
    return state == null
        ? new Raw(null, null, TagIds.NONE)
        : new Raw(state.bytes(), state.remaining(), TagIds.NONE);
  }

  private static <T> CompletionStage<T> together(
      Store store, Supplier<CompletionStage<T>> questions) {
    CompletableFuture<CompletionStage<T>> asked = new CompletableFuture<>();
    store.batch(() -> asked.complete(questions.get()));
    return asked.join();
  }

  Look read(EntryKey<K> key, Raw raw) {
    return new Look(entries.parse(key, raw.state()), raw.remaining(), raw.tags());
  }
}
