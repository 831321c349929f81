package io.cacheaside;

import org.jspecify.annotations.Nullable;

/**
 * A look for a value that may be handed out instead of a load that failed or takes long; null if
 * there is none, or the store cannot tell.
 */
final class StandIn<K, V> extends Operation<@Nullable V> {
  private final Engine<K, V> engine;
  private final EntryKey<K> key;
  private final ReadOptions options;

  StandIn(Engine<K, V> engine, Caller caller, EntryKey<K> key, ReadOptions options) {
    super(engine.context, caller);
    this.engine = engine;
    this.key = key;
    this.options = options;
  }

  @Override
  void start() {
    if (engine.unconfirmed.covers(key)) {
      succeed(null);
      return;
    }
    ask(
        "read",
        store -> engine.looks.ask(store, key, Looks.Manner.TIMED),
        (raw, failure) -> {
          if (raw == null || failure != null) {
            succeed(null);
          } else {
            decide(engine.looks.read(key, raw));
          }
        });
  }

  private void decide(Look look) {
    if (mayServe(look)) {
      engine.looks.ifCurrent(
          this, look, this::serve, () -> succeed(null), unknown -> succeed(null));
    } else {
      succeed(null);
    }
  }

  private boolean mayServe(Look look) {
    return look.entry().is(Entry.Kind.VALUE)
        && (engine.freshness.mayStandIn(look, options)
            || engine.freshness.judge(look, options) == Freshness.Verdict.FRESH);
  }

  private void serve(Look look) {
    V value = engine.looks.decodeOrNull(key, look.entry());
    if (value != null && Freshness.isStale(look)) {
      engine.events.servedStale(key, look.age());
    }
    succeed(value);
  }
}
