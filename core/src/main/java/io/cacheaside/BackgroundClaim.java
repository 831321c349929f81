package io.cacheaside;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Asks whether an entry may be refreshed in the background: the result is a load that has begun, or
 * null if somebody else refreshes the entry, if it has changed, or if there is no place for loads.
 */
final class BackgroundClaim<K, V> extends Operation<@Nullable Load<K, V>> {
  private final Engine<K, V> engine;
  private final EntryKey<K> key;
  private final Look look;
  private @Nullable Load<K, V> announced;

  BackgroundClaim(Engine<K, V> engine, Caller caller, EntryKey<K> key, Look look) {
    super(engine.context, caller);
    this.engine = engine;
    this.key = key;
    this.look = look;
  }

  @Override
  void start() {
    Load<K, V> load = new Load<>(engine, key, engine.grants.toRefresh(key, look));
    announced = load;
    Grant grant = Objects.requireNonNull(load.grant());
    boolean wanted = !engine.permits.isExhausted() && !engine.lifecycle.isClosed();
    if (wanted && engine.loads.announceOrFind(load, grant) == null) {
      goOnWith(Claim.of(engine, caller, load, false), answer -> onClaim(load, answer));
    } else {
      succeed(null);
    }
  }

  /** Reports what was thrown, which no caller gets to see. */
  @Override
  void crashed(Throwable thrown) {
    try {
      if (announced != null) {
        announced.refused(thrown);
      }
    } finally {
      engine.events.loadFailed(key, elapsed(), thrown);
    }
  }

  private void onClaim(Load<K, V> load, Claim.Answer answer) {
    if (answer instanceof Claim.Answer.Granted && load.isEnded()) {
      engine.leases.release(load);
      succeed(null);
    } else if (answer instanceof Claim.Answer.Granted) {
      engine.events.refreshed(key);
      load.begin();
      succeed(load);
    } else if (answer instanceof Claim.Answer.Taken taken && isOver(taken.inTheWay())) {
      goOnWith(
          Claim.insteadOf(taken.inTheWay().entry(), engine, caller, load),
          next -> onClaim(load, next));
    } else {
      load.abandon();
      succeed(null);
    }
  }

  /** Returns whether what is in the way is only the trace of a refresh that came to nothing. */
  private boolean isOver(Look other) {
    return other.entry().is(Entry.Kind.OUTDATED)
        || (other.entry().is(Entry.Kind.FAILURE) && !engine.backOff.holdsBack(other, true));
  }
}
