package io.cacheaside;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A fence around one write, for both faces; not up if the store failed. */
final class Fence<K, V> implements AsyncWriteFence {
  private final Engine<K, V> engine;
  private final EntryKey<K> key;
  private final Barriers.@Nullable Up up;
  private final AtomicBoolean ended = new AtomicBoolean();

  private Fence(Engine<K, V> engine, EntryKey<K> key, Barriers.@Nullable Up up) {
    this.engine = engine;
    this.key = key;
    this.up = up;
  }

  /** Puts up a fence; a store that fails, which is reported, does not keep anybody from writing. */
  static final class Raising<K, V> extends Operation<Fence<K, V>> {
    private final Engine<K, V> engine;
    private final EntryKey<K> key;

    Raising(Engine<K, V> engine, Caller caller, EntryKey<K> key) {
      super(engine.context, caller);
      this.engine = engine;
      this.key = key;
    }

    @Override
    void start() {
      ask(
          "fence",
          store -> engine.barriers.fence(store, key),
          (up, failure) -> succeed(new Fence<>(engine, key, up)));
    }
  }

  /** Returns the same future as that of the public type. */
  static CompletableFuture<AsyncWriteFence> async(
      CompletableFuture<? extends AsyncWriteFence> raising) {
    return Stages.relay(raising, fence -> fence);
  }

  /** Returns the operation that ends this fence and invalidates its key. */
  Invalidation<K, V> ending(Caller caller) {
    ended.set(true);
    return new Invalidation<>(engine, caller, engine.removals.ofKey(key, OptionalLong.empty(), up));
  }

  /** Takes the fence away, or leaves it to its end if that fails. */
  private final class Lifting extends Operation<@Nullable Void> {
    Lifting(Caller caller) {
      super(engine.context, caller);
    }

    @Override
    void start() {
      ask(
          "fence",
          store -> engine.barriers.remove(store, key, OptionalLong.empty(), up),
          (lifted, failure) -> succeed(null));
    }
  }

  private boolean endsNow() {
    return ended.compareAndSet(false, true);
  }

  @Override
  public CompletableFuture<@Nullable Void> invalidate() {
    return endsNow()
        ? AsyncCache.confirmed(ending(Caller.on(engine.executor)).begin())
        : CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<@Nullable Void> lift() {
    return endsNow()
        ? new Lifting(Caller.on(engine.executor)).begin()
        : CompletableFuture.completedFuture(null);
  }

  /** Returns the blocking face of this fence. */
  WriteFence sync(Consumer<Operation<?>> await) {
    return new WriteFence() {
      @Override
      public void invalidate() {
        if (endsNow()) {
          await.accept(ending(newCaller()));
        }
      }

      @Override
      public void lift() {
        if (endsNow()) {
          await.accept(new Lifting(newCaller()));
        }
      }

      @Override
      public void close() {
        invalidate();
      }
    };
  }

  private Caller newCaller() {
    return new CallerThread(engine.executor, engine.settings.name());
  }
}
