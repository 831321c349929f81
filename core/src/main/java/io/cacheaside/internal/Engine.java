package io.cacheaside.internal;

import io.cacheaside.CacheStats;
import io.cacheaside.Environment;
import io.cacheaside.NearCache;
import io.cacheaside.internal.flow.Stages;
import io.cacheaside.internal.operation.Operations;
import io.cacheaside.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * The life of one cache: creates its {@link Rooms}, opens it on its store, and closes it. Known to
 * the builder, {@link SyncCache} and {@link AsyncCache} alone.
 */
public final class Engine<K, V> {
  private final Settings<K, V> settings;
  private final Rooms<K, V> rooms;
  private final Operations<K, V> operations;
  private final @Nullable ExecutorService backgroundThreads;

  /**
   * Opens a cache: throws, and leaves nothing behind, if its name is taken or its store refuses.
   */
  public Engine(Settings<K, V> settings) {
    this.settings = settings;
    rooms = new Rooms<>(settings);
    Store store = rooms.guard.store();
    OpenCaches.open(store, settings.name());
    ExecutorService threads = null;
    try {
      threads = settings.environment().newBackgroundThreads(settings.name());
      backgroundThreads = threads;
      store.acceptStatesUpTo(rooms.entryCodec.maxStateBytes());
      operations = rooms.newOperations(threads, watch(settings.near().cache()));
    } catch (Throwable thrown) {
      OpenCaches.close(store, settings.name());
      if (threads != null) {
        shutDown(threads, thrown);
      }
      throw thrown;
    }
  }

  /** Returns what callers can ask of this cache. */
  Operations<K, V> operations() {
    return operations;
  }

  String name() {
    return settings.name();
  }

  /** Returns what runs the steps of callers that do not wait. */
  Executor executor() {
    return rooms.executor;
  }

  private boolean watch(@Nullable NearCache nearCache) {
    Duration maxLag = nearCache == null ? Duration.ZERO : nearCache.maxStaleness();
    boolean told = rooms.guard.store().watch(rooms.epochs, maxLag);
    if (nearCache != null && !told) {
      throw new IllegalStateException(
          "nearCache is set and the store does not tell of changes: use a store that does, or no"
              + " nearCache");
    }
    return told;
  }

  CacheStats stats() {
    return rooms.events.snapshot(rooms.replayQueue.size(), rooms.nearValues.size());
  }

  /** Refuses what comes from now on; returns whether the cache was open. */
  boolean beginClose() {
    boolean first = rooms.lifecycle.close();
    if (first) {
      OpenCaches.close(rooms.guard.store(), settings.name());
    }
    return first;
  }

  /** Returns a future of the end of what is under way, or of the time for that. */
  CompletableFuture<?> drained() {
    List<CompletableFuture<?>> underWay = new ArrayList<>();
    rooms.loads.all().forEach(load -> underWay.add(load.settled()));
    underWay.add(rooms.replayQueue.lastTry());
    CompletableFuture<?> drained = Stages.allOf(underWay);
    CompletableFuture<@Nullable Void> timeIsUp = new CompletableFuture<>();
    Environment.Timer timer =
        settings.environment().schedule(settings.closeTimeout(), () -> timeIsUp.complete(null));
    return CompletableFuture.anyOf(drained, timeIsUp)
        .whenComplete((any, failure) -> timer.cancel());
  }

  /** Fails those who still wait, and ends the rest; throws at last what one of that threw. */
  void endClose() {
    List<Runnable> ends = new ArrayList<>();
    rooms
        .loads
        .all()
        .forEach(load -> ends.add(() -> load.close(rooms.lifecycle.closedException())));
    ends.add(rooms.guard::close);
    if (backgroundThreads != null) {
      ends.add(backgroundThreads::shutdown);
    }
    ends.add(() -> rooms.guard.store().unwatch(rooms.epochs));
    ends.add(this::reportLost);
    Throwable failure = null;
    for (Runnable end : ends) {
      try {
        end.run();
      } catch (Throwable thrown) {
        if (failure == null) {
          failure = thrown;
        } else {
          Stages.suppress(thrown, failure);
        }
      }
    }
    if (failure instanceof Error error) {
      throw error;
    } else if (failure instanceof RuntimeException exception) {
      throw exception;
    }
  }

  private void reportLost() {
    if (rooms.replayQueue.size() > 0) {
      rooms.events.invalidationsLost(rooms.replayQueue.size());
    }
  }

  private static void shutDown(ExecutorService threads, Throwable reason) {
    try {
      threads.shutdown();
    } catch (Throwable further) {
      Stages.suppress(further, reason);
    }
  }
}
