package io.cacheaside.internal.invalidate;

import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Operation;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Puts up fences around writes. */
public final class Fences<K> {
  private final Operation.Context context;
  private final Barriers<K, ?> barriers;
  private final Removals<K> removals;
  private final Invalidations<K> invalidations;

  public Fences(
      Operation.Context context,
      Barriers<K, ?> barriers,
      Removals<K> removals,
      Invalidations<K> invalidations) {
    this.context = context;
    this.barriers = barriers;
    this.removals = removals;
    this.invalidations = invalidations;
  }

  /**
   * Returns an operation that puts up a fence. A store that fails, which is reported, keeps nobody
   * from writing.
   */
  public Operation<Fence> raising(Caller caller, EntryKey<K> key) {
    return new Raising(caller, key);
  }

  private final class Raising extends Operation<Fence> {
    private final EntryKey<K> key;

    Raising(Caller caller, EntryKey<K> key) {
      super(context, caller);
      this.key = key;
    }

    @Override
    protected void start() {
      ask(
          "fence",
          store -> barriers.fence(store, key),
          (up, failure) -> succeed(new Fence(key, up)));
    }
  }

  /** A fence around one write; not up if the store failed. Thread-safe. */
  public final class Fence {
    private final EntryKey<K> key;
    private final Barriers.@Nullable Up up;
    private final AtomicBoolean ended = new AtomicBoolean();

    private Fence(EntryKey<K> key, Barriers.@Nullable Up up) {
      this.key = key;
      this.up = up;
    }

    /** Returns whether this caller ends the fence: true for the first one. */
    public boolean endsNow() {
      return ended.compareAndSet(false, true);
    }

    /** Returns the operation that ends this fence and invalidates its key. */
    public Operation<Long> invalidating(Caller caller) {
      return invalidations.of(caller, removals.ofKey(key, OptionalLong.empty(), up));
    }

    /** Returns the operation that takes the fence away, or leaves it to its end if that fails. */
    public Operation<@Nullable Void> lifting(Caller caller) {
      return new Lifting(caller, this);
    }
  }

  private final class Lifting extends Operation<@Nullable Void> {
    private final Fence fence;

    Lifting(Caller caller, Fence fence) {
      super(context, caller);
      this.fence = fence;
    }

    @Override
    protected void start() {
      ask(
          "fence",
          store -> barriers.remove(store, fence.key, OptionalLong.empty(), fence.up),
          (lifted, failure) -> succeed(null));
    }
  }
}
