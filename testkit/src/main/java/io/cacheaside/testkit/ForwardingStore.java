package io.cacheaside.testkit;

import io.cacheaside.store.ChangeListener;
import io.cacheaside.store.Store;
import io.cacheaside.store.TimedState;
import io.cacheaside.store.WatchedState;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A store that hands every call on to another one, to be extended by stores that change or watch a
 * few of them.
 *
 * <p>As thread-safe as the other store. {@link #close} closes that one too; a test that shares a
 * store overrides it. No method calls another method of this class, so overriding one changes only
 * that one; operations inside {@link #batch} come through the overridden methods too.
 */
public abstract class ForwardingStore implements Store {
  private final Store delegate;

  /** Creates a store that hands everything on to {@code delegate}. */
  protected ForwardingStore(Store delegate) {
    this.delegate = Objects.requireNonNull(delegate, "delegate");
  }

  /** Returns the store that does the work. */
  protected final Store delegate() {
    return delegate;
  }

  @Override
  public void acceptStatesUpTo(int maxBytes) {
    delegate.acceptStatesUpTo(maxBytes);
  }

  @Override
  public CompletionStage<byte @Nullable []> read(String key) {
    return delegate.read(key);
  }

  @Override
  public CompletionStage<@Nullable TimedState> readTimed(String key, int maxBytes) {
    return delegate.readTimed(key, maxBytes);
  }

  @Override
  public CompletionStage<byte @Nullable []> putIfAbsent(String key, byte[] state, Duration ttl) {
    return delegate.putIfAbsent(key, state, ttl);
  }

  @Override
  public CompletionStage<@Nullable Void> put(String key, byte[] state, Duration ttl) {
    return delegate.put(key, state, ttl);
  }

  @Override
  public CompletionStage<Boolean> swap(
      String key, byte[] stamp, byte[] state, @Nullable Duration ttl) {
    return delegate.swap(key, stamp, state, ttl);
  }

  @Override
  public CompletionStage<Boolean> swapEvenIfFull(
      String key, byte @Nullable [] stamp, byte[] state, Duration ttl) {
    return delegate.swapEvenIfFull(key, stamp, state, ttl);
  }

  @Override
  public CompletionStage<Boolean> swapHead(
      String key, byte[] stamp, byte[] head, @Nullable Duration ttl) {
    return delegate.swapHead(key, stamp, head, ttl);
  }

  @Override
  public CompletionStage<Boolean> remove(String key, byte[] stamp) {
    return delegate.remove(key, stamp);
  }

  @Override
  public CompletionStage<Boolean> remove(String key) {
    return delegate.remove(key);
  }

  @Override
  public CompletionStage<Long> removeMatching(String prefix, String glob) {
    return delegate.removeMatching(prefix, glob);
  }

  @Override
  public boolean watch(ChangeListener listener, Duration maxLag) {
    return delegate.watch(listener, maxLag);
  }

  @Override
  public void unwatch(ChangeListener listener) {
    delegate.unwatch(listener);
  }

  @Override
  public CompletionStage<@Nullable WatchedState> readWatched(String key) {
    return delegate.readWatched(key);
  }

  @Override
  public void batch(Runnable operations) {
    delegate.batch(operations);
  }

  @Override
  public CompletionStage<@Nullable Void> awaitCopies(List<String> keys) {
    return delegate.awaitCopies(keys);
  }

  @Override
  public @Nullable String nodeOf(String key) {
    return delegate.nodeOf(key);
  }

  @Override
  public CompletionStage<@Nullable Void> ping(String node) {
    return delegate.ping(node);
  }

  @Override
  public CompletionStage<@Nullable Void> ping() {
    return delegate.ping();
  }

  @Override
  public void close() {
    delegate.close();
  }
}
