package io.cacheaside;

import org.jspecify.annotations.Nullable;

/**
 * A look for a value that may be handed out instead of a load that failed or takes long; null if
 * there is none, or the store cannot tell.
 */
final class StaleReads<K, V> {
  private final Operation.Context context;
  private final Looks<K, V> looks;
  private final Freshness freshness;
  private final Unconfirmed<K> unconfirmed;
  private final Events<K> events;

  StaleReads(
      Operation.Context context,
      Looks<K, V> looks,
      Freshness freshness,
      Unconfirmed<K> unconfirmed,
      Events<K> events) {
    this.context = context;
    this.looks = looks;
    this.freshness = freshness;
    this.unconfirmed = unconfirmed;
    this.events = events;
  }

  Operation<@Nullable V> of(Caller caller, EntryKey<K> key, ReadOptions options) {
    return new StaleRead(caller, key, options);
  }

  private final class StaleRead extends Operation<@Nullable V> {
    private final EntryKey<K> key;
    private final ReadOptions options;

    StaleRead(Caller caller, EntryKey<K> key, ReadOptions options) {
      super(context, caller);
      this.key = key;
      this.options = options;
    }

    @Override
    void start() {
      if (unconfirmed.covers(key)) {
        succeed(null);
        return;
      }
      ask(
          "read",
          store -> looks.ask(store, key, Looks.Manner.TIMED),
          (raw, failure) -> {
            if (raw == null || failure != null) {
              succeed(null);
            } else {
              decide(looks.read(key, raw));
            }
          });
    }

    private void decide(Look look) {
      if (mayServe(look)) {
        looks.ifCurrent(this, look, this::serve, () -> succeed(null), unknown -> succeed(null));
      } else {
        succeed(null);
      }
    }

    private boolean mayServe(Look look) {
      return look.entry().is(Entry.Kind.VALUE)
          && (freshness.mayStandIn(look, options)
              || freshness.judge(look, options) == Freshness.Verdict.FRESH);
    }

    private void serve(Look look) {
      V value = looks.decodeOrNull(key, look.entry());
      if (value != null && look.isStale()) {
        events.servedStale(key, look.age());
      }
      succeed(value);
    }
  }
}
