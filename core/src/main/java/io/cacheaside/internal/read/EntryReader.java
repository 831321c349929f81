package io.cacheaside.internal.read;

import io.cacheaside.Environment;
import io.cacheaside.ReadOptions;
import io.cacheaside.internal.entry.EntryCodec;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.entry.TagIds;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.flow.StoreBatch;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.TimedState;
import io.cacheaside.store.WatchedState;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads keys with everything by which an entry is judged: its age, the ids of its tags, and how it
 * would be known that one of them changed.
 */
public final class EntryReader<K, V> {
  private final EntryCodec<K, V> entryCodec;
  private final Tags<K> tags;
  private final Epochs epochs;
  private final Freshness freshness;
  private final Environment environment;
  private final boolean keepsNear;
  private final Manner usualManner;

  /**
   * Creates the reads of a cache.
   *
   * @param keepsNear whether what is read may be kept in this process
   */
  public EntryReader(
      EntryCodec<K, V> entryCodec,
      Tags<K> tags,
      Freshness freshness,
      Epochs epochs,
      Environment environment,
      boolean keepsNear) {
    this.entryCodec = entryCodec;
    this.tags = tags;
    this.freshness = freshness;
    this.epochs = epochs;
    this.environment = environment;
    this.keepsNear = keepsNear;
    this.usualManner = mannerOf(ReadOptions.defaults());
  }

  /** What a read asks for beside the state of a key. */
  public enum Manner {
    /** Nothing. */
    PLAIN,
    /** The time it has left. */
    TIMED,
    /** The time it has left, and to be told when it changes. */
    WATCHED
  }

  /** What a read brought, before anybody has made sense of it. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Raw(
      byte @Nullable [] state,
      @Nullable Duration remaining,
      TagIds tags,
      @Nullable ReadEpochs readEpochs) {}

  /** Reads a key, and its tags in the same batch. */
  public CompletionStage<Raw> ask(Store store, EntryKey<K> key, Manner manner) {
    return together(store, () -> ask(store, key, manner, reading(store, manner)));
  }

  /** Returns a reading of tags that are asked for together with keys. */
  public Tags<K>.Reading reading(Store store, Manner manner) {
    return tags.new Reading(store, watcher(manner));
  }

  private @Nullable Epochs watcher(Manner manner) {
    return manner == Manner.WATCHED ? epochs : null;
  }

  /** Reads the first bytes of a key with its remaining time, and its tags in the same batch. */
  public CompletionStage<Raw> askTimed(Store store, EntryKey<K> key, int maxBytes) {
    return together(
        store,
        () ->
            withTags(
                store.readTimed(key.text(), maxBytes).thenApply(EntryReader::raw),
                key,
                reading(store, Manner.TIMED)));
  }

  /**
   * Reads one of several keys.
   *
   * @param reading reads the tags, each once for all keys that are asked for with it
   */
  public CompletionStage<Raw> ask(
      Store store, EntryKey<K> key, Manner manner, Tags<K>.Reading reading) {
    CompletionStage<Raw> raw =
        switch (manner) {
          case PLAIN ->
              store.read(key.text()).thenApply(state -> new Raw(state, null, TagIds.NONE, null));
          case TIMED -> store.readTimed(key.text(), Integer.MAX_VALUE).thenApply(EntryReader::raw);
          case WATCHED -> watched(store, key);
        };
    return withTags(raw, key, reading);
  }

  private CompletionStage<Raw> watched(Store store, EntryKey<K> key) {
    Epoch epoch = epochs.epochOf(key.text(), environment.nanoTime());
    return store.readWatched(key.text()).thenApply(state -> raw(state, epoch));
  }

  /** Reads the tags of a key alone. */
  public CompletionStage<TagIds> tags(Store store, EntryKey<K> key) {
    return together(store, () -> reading(store, Manner.PLAIN).of(key)).thenApply(Tags.AllSeen::ids);
  }

  /** Reads the tags that a loader named; null if the entry is not current by them. */
  private CompletionStage<@Nullable Snapshot> named(Store store, Snapshot snapshot) {
    return tags.namedIfCurrent(
            store, snapshot.entry(), snapshot.readEpochs() == null ? null : epochs)
        .thenApply(named -> named == null ? null : snapshot.dependingOn(named));
  }

  /**
   * Lets an operation go on with what it found, as long as none of its tags was invalidated: those
   * that the key has by declaration, and those that a loader named, for which the store is asked
   * again.
   *
   * @param outdated runs if one was
   * @param failed runs if the store cannot tell
   */
  public void ifCurrent(
      Operation<?> operation,
      Snapshot snapshot,
      Consumer<Snapshot> current,
      Runnable outdated,
      Consumer<StoreException> failed) {
    if (!tags.areCurrent(snapshot)) {
      outdated.run();
    } else if (!tags.hasNamed(snapshot.entry())) {
      current.accept(snapshot);
    } else {
      operation.ask(
          "read",
          store -> named(store, snapshot),
          (named, failure) -> {
            if (failure != null) {
              failed.accept(failure);
            } else if (named == null) {
              outdated.run();
            } else {
              current.accept(named);
            }
          });
    }
  }

  private CompletionStage<Raw> withTags(
      CompletionStage<Raw> raw, EntryKey<K> key, Tags<K>.Reading reading) {
    return tags.areUsed() ? raw.thenCombine(reading.of(key), EntryReader::raw) : raw;
  }

  private static Raw raw(Raw state, Tags.AllSeen tags) {
    ReadEpochs readEpochs =
        state.readEpochs() == null ? null : state.readEpochs().and(tags.epochs());
    return new Raw(state.state(), state.remaining(), tags.ids(), readEpochs);
  }

  private static Raw raw(@Nullable TimedState state) {
    return state == null
        ? new Raw(null, null, TagIds.NONE, null)
        : new Raw(state.bytes(), state.remaining(), TagIds.NONE, null);
  }

  private static Raw raw(@Nullable WatchedState state, Epoch epoch) {
    return state == null
        ? new Raw(null, null, TagIds.NONE, new ReadEpochs(epoch, List.of()))
        : new Raw(
            state.bytes(),
            state.remaining(),
            TagIds.NONE,
            new ReadEpochs(epoch.in(state.feed()), List.of()));
  }

  private static <T> CompletionStage<T> together(
      Store store, Supplier<CompletionStage<T>> questions) {
    CompletableFuture<CompletionStage<T>> asked = new CompletableFuture<>();
    StoreBatch.together(store, () -> asked.complete(questions.get()));
    return asked.join();
  }

  /** Returns what a read of its key asks for. */
  public Manner mannerOf(ReadOptions options) {
    if (keepsNear) {
      return Manner.WATCHED;
    }
    return freshness.needsAge(options) ? Manner.TIMED : Manner.PLAIN;
  }

  /** Returns what reads ask for that need nothing special. */
  public Manner usualManner() {
    return usualManner;
  }

  /** Returns what the state of a key alone shows. */
  public Snapshot read(EntryKey<K> key, byte @Nullable [] state) {
    return Snapshot.at(entryCodec.parse(key, state));
  }

  public Snapshot read(EntryKey<K> key, Raw raw) {
    return new Snapshot(
        entryCodec.parse(key, raw.state()), raw.remaining(), raw.tags(), raw.readEpochs());
  }
}
