package io.cacheaside.internal.flow;

import io.cacheaside.store.ChangeListener;
import io.cacheaside.store.Store;
import io.cacheaside.store.TimedState;
import io.cacheaside.store.WatchedState;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A store whose operations on a key are issued by who knows about its node. */
abstract class NodeStore implements Store {
  private final Store store;

  NodeStore(Store store) {
    this.store = store;
  }

  abstract <T extends @Nullable Object> CompletionStage<T> issue(
      String key, Supplier<CompletionStage<T>> command);

  @Override
  public CompletionStage<byte @Nullable []> read(String key) {
    return issue(key, () -> store.read(key));
  }

  @Override
  public CompletionStage<@Nullable TimedState> readTimed(String key, int maxBytes) {
    return issue(key, () -> store.readTimed(key, maxBytes));
  }

  @Override
  public CompletionStage<@Nullable WatchedState> readWatched(String key) {
    return issue(key, () -> store.readWatched(key));
  }

  @Override
  public CompletionStage<byte @Nullable []> putIfAbsent(String key, byte[] state, Duration ttl) {
    return issue(key, () -> store.putIfAbsent(key, state, ttl));
  }

  @Override
  public CompletionStage<@Nullable Void> put(String key, byte[] state, Duration ttl) {
    return issue(key, () -> store.put(key, state, ttl));
  }

  @Override
  public CompletionStage<Boolean> swap(
      String key, byte[] stamp, byte[] state, @Nullable Duration ttl) {
    return issue(key, () -> store.swap(key, stamp, state, ttl));
  }

  @Override
  public CompletionStage<Boolean> swapEvenIfFull(
      String key, byte @Nullable [] stamp, byte[] state, Duration ttl) {
    return issue(key, () -> store.swapEvenIfFull(key, stamp, state, ttl));
  }

  @Override
  public CompletionStage<Boolean> swapHead(
      String key, byte[] stamp, byte[] head, @Nullable Duration ttl) {
    return issue(key, () -> store.swapHead(key, stamp, head, ttl));
  }

  @Override
  public CompletionStage<Boolean> remove(String key, byte[] stamp) {
    return issue(key, () -> store.remove(key, stamp));
  }

  @Override
  public CompletionStage<Boolean> remove(String key) {
    return issue(key, () -> store.remove(key));
  }

  @Override
  public CompletionStage<Long> removeMatching(String prefix, String glob) {
    return store.removeMatching(prefix, glob);
  }

  @Override
  public CompletionStage<@Nullable Void> awaitCopies(List<String> keys) {
    return store.awaitCopies(keys);
  }

  @Override
  public void batch(Runnable operations) {
    store.batch(operations);
  }

  @Override
  public @Nullable String nodeOf(String key) {
    return store.nodeOf(key);
  }

  @Override
  public CompletionStage<@Nullable Void> ping() {
    return store.ping();
  }

  @Override
  public CompletionStage<@Nullable Void> ping(String node) {
    return store.ping(node);
  }

  @Override
  public boolean watch(ChangeListener listener, Duration maxLag) {
    return store.watch(listener, maxLag);
  }

  @Override
  public void unwatch(ChangeListener listener) {
    store.unwatch(listener);
  }

  @Override
  public void acceptStatesUpTo(int maxBytes) {
    store.acceptStatesUpTo(maxBytes);
  }

  @Override
  public void close() {
    store.close();
  }
}
