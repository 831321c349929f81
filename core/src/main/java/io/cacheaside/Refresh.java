package io.cacheaside;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One refresh of an entry in the background, for a reader that has already got the old value. A
 * {@link BackgroundClaim} makes it the only one of all processes.
 */
final class Refresh<K, V> extends Operation<@Nullable Void> {
  private final Engine<K, V> engine;
  private final EntryKey<K> key;
  private final Source<K, V> source;
  private final ReadOptions options;
  private final Look look;
  private final Executor loaders;

  Refresh(
      Engine<K, V> engine,
      EntryKey<K> key,
      Source<K, V> source,
      ReadOptions options,
      Look look,
      Caller reader) {
    super(engine.context, Caller.on(engine.executor));
    this.engine = engine;
    this.key = key;
    this.source = source;
    this.options = options;
    this.look = look;
    this.loaders = engine.loaderExecutors.background(reader);
  }

  @Override
  void start() {
    then(
        new BackgroundClaim<>(engine, caller, key, look).begin(),
        (load, e) -> {
          if (load != null) {
            load.run(source, caller, loaders, false, options);
          }
        });
  }

  /** Reports what was thrown, which no caller gets to see. */
  @Override
  void crashed(Throwable thrown) {
    engine.events.loadFailed(key, elapsed(), thrown);
  }
}
