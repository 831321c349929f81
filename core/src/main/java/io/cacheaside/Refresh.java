package io.cacheaside;

import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One refresh of an entry in the background, for a reader that has already got the old value. A
 * {@link Claim} makes it the only one of all processes.
 */
final class Refresh<K, V> extends Operation<K, V, @Nullable Void> {
  private final EntryKey<K> key;
  private final Source<K, V> source;
  private final ReadOptions options;
  private final Look look;
  private final Executor loaders;

  Refresh(
      Engine<K, V> engine, EntryKey<K> key, Source<K, V> source, ReadOptions options, Look look) {
    super(engine, Caller.on(engine.executor));
    this.key = key;
    this.source = source;
    this.options = options;
    this.look = look;
    this.loaders = engine.background();
  }

  @Override
  void start() {
    Load<K, V> load = engine.newRefresh(key, look);
    Grant grant = Objects.requireNonNull(load.grant());
    boolean wanted = !engine.permits.isExhausted() && !engine.isClosed();
    if (wanted && engine.loads.announceOrFind(load, grant) == null) {
      then(Claim.of(engine, caller, load).begin(), (answer, e) -> onClaim(load, answer));
    } else {
      succeed(null);
    }
  }

  private void onClaim(Load<K, V> load, Claim.@Nullable Answer answer) {
    if (answer instanceof Claim.Answer.Granted) {
      granted(load);
    } else if (answer instanceof Claim.Answer.Taken taken && isOver(taken.inTheWay())) {
      then(
          Claim.insteadOf(taken.inTheWay().entry(), engine, caller, load).begin(),
          (next, e) -> onClaim(load, next));
    } else {
      load.discard();
      succeed(null);
    }
  }

  /** Returns whether what is in the way is only the trace of a refresh that came to nothing. */
  private static boolean isOver(Look other) {
    return other.entry().is(Entry.Kind.OUTDATED)
        || (other.entry().is(Entry.Kind.FAILURE) && !other.holdsBack());
  }

  private void granted(Load<K, V> load) {
    engine.events.refreshed(key);
    load.begin();
    load.run(source, caller, loaders, false, options);
    then(load.ownResult(), (value, failure) -> succeed(null));
  }
}
