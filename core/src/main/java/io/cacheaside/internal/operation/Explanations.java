package io.cacheaside.internal.operation;

import io.cacheaside.Provenance;
import io.cacheaside.ReadOptions;
import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryCodec;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.entry.Keyspace;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.invalidate.ReplayQueue;
import io.cacheaside.internal.load.Loads;
import io.cacheaside.internal.near.NearValues;
import io.cacheaside.internal.read.EntryReader;
import io.cacheaside.internal.read.Freshness;
import io.cacheaside.internal.read.Snapshot;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Says in words what a read would do. */
public final class Explanations<K, V> {
  private final Operation.Context context;
  private final String cacheName;
  private final Keyspace<K> keyspace;
  private final EntryReader<K, V> entryReader;
  private final EntryCodec<K, V> entryCodec;
  private final Freshness freshness;
  private final ReadPlans plans;
  private final Loads<K, V> loads;
  private final NearValues<K, V> nearValues;
  private final ReplayQueue<K> replayQueue;
  private final Events<K> events;

  public Explanations(
      Operation.Context context,
      String cacheName,
      Keyspace<K> keyspace,
      EntryReader<K, V> entryReader,
      EntryCodec<K, V> entryCodec,
      Freshness freshness,
      ReadPlans plans,
      Loads<K, V> loads,
      NearValues<K, V> nearValues,
      ReplayQueue<K> replayQueue,
      Events<K> events) {
    this.context = context;
    this.cacheName = cacheName;
    this.keyspace = keyspace;
    this.entryReader = entryReader;
    this.entryCodec = entryCodec;
    this.freshness = freshness;
    this.plans = plans;
    this.loads = loads;
    this.nearValues = nearValues;
    this.replayQueue = replayQueue;
    this.events = events;
  }

  /** Returns an {@code explain}. */
  Operation<String> of(Caller caller, EntryKey<K> key) {
    return new Explanation(caller, key);
  }

  /** One {@code explain}: a read at everything that decides what a read would do, in words. */
  private final class Explanation extends Operation<String> {
    private final EntryKey<K> key;

    Explanation(Caller caller, EntryKey<K> key) {
      super(context, caller);
      this.key = key;
    }

    @Override
    protected void start() {
      ask("read", store -> entryReader.ask(store, key, EntryReader.Manner.TIMED), this::onRaw);
    }

    private void onRaw(EntryReader.@Nullable Raw raw, @Nullable StoreException failure) {
      if (raw == null || failure != null) {
        String reason =
            failure == null ? "no answer" : failure.reason() + ": " + failure.getMessage();
        end("the store failed (" + reason + "); a read loads from the source and caches nothing");
        return;
      }
      Snapshot snapshot = entryReader.read(key, raw);
      entryReader.ifCurrent(
          this,
          snapshot,
          this::endWith,
          () ->
              end(
                  inWords(snapshot)
                      + ", of which a tag or the generation was invalidated; a read loads it anew"),
          unknown -> end(inWords(snapshot) + ", of whose tags the store cannot tell"));
    }

    /** Ends with what follows; for a value also with what stands beside it. */
    private void endWith(Snapshot snapshot) {
      if (!snapshot.entry().is(Entry.Kind.VALUE)) {
        end(inWords(snapshot) + whatFollows(snapshot));
        return;
      }
      EntryKey<K> beside = keyspace.refreshOf(key);
      ask(
          "read",
          store -> store.readTimed(beside.text(), Integer.MAX_VALUE),
          (state, failure) -> {
            Snapshot refresh = Snapshot.of(entryCodec, beside, state);
            end(inWords(snapshot) + whatFollows(snapshot) + besides(refresh));
          });
    }

    private String besides(Snapshot refresh) {
      return switch (refresh.entry().kind()) {
        case LEASE -> "; a refresh of it is under way";
        case FAILURE ->
            "; the last refresh failed with "
                + refresh.entry().failureClass()
                + (plans.isShared(refresh, ReadOptions.defaults(), false, true)
                    ? ", and the next one is held back"
                    : "");
        default -> "";
      };
    }

    private void end(String found) {
      String around =
          replayQueue.covers(key)
              ? " But an invalidation of it is not confirmed by the store yet, so this instance"
                  + " reads around the cache."
              : "";
      String near =
          nearValues.has(key.key())
              ? " This instance keeps it near and returns that until it is told of a change."
              : "";
      succeed(
          "Cache '"
              + cacheName
              + "', key '"
              + events.describe(key)
              + "': "
              + found
              + "."
              + near
              + around);
    }

    private String inWords(Snapshot snapshot) {
      Entry entry = snapshot.entry();
      return switch (entry.kind()) {
        case NONE -> "nothing is cached";
        case VALUE -> "a value " + lifeOf(snapshot);
        case ABSENT -> "a note that the source has nothing, written " + ago(snapshot.age());
        case LEASE ->
            "a lease: "
                + (loads.find(entry.id()) == null ? "another process" : "this process")
                + " is loading it"
                + (entry.renewals() == 0 ? "" : ", renewed " + entry.renewals() + " times");
        case BARRIER ->
            "a hold-off or the fence of a write, for another "
                + words(Objects.requireNonNullElse(snapshot.remaining(), Duration.ZERO));
        case FAILURE ->
            "a note that its load failed with "
                + entry.failureClass()
                + ", "
                + entry.failures()
                + " times in a row";
        case PASS -> "a note that what is loaded is not to be cached";
        case OUTDATED -> "an entry of an older schema version or format";
        case NEWER -> "an entry of a newer schema version or format";
        case FOREIGN, TAG -> "bytes that are no entry of this cache and key";
      };
    }

    private String lifeOf(Snapshot snapshot) {
      Provenance from = snapshot.provenance(nearValues.has(key.key()));
      String written =
          "of "
              + snapshot.entry().payloadBytes()
              + " bytes, "
              + (from.loadTime() == null ? "put " : "loaded in " + words(from.loadTime()) + " ")
              + ago(from.age());
      return from.staleReason() == null
          ? written + ", fresh for another " + words(from.remaining())
          : written
              + ", stale ("
              + (from.staleReason() == Provenance.StaleReason.MARKED ? "marked" : "expired")
              + "), kept for another "
              + words(from.kept());
    }

    private String whatFollows(Snapshot snapshot) {
      ReadPlan plan = plans.of(snapshot, ReadOptions.defaults(), false);
      String next = "; a read " + plan.inWords(snapshot);
      return plan == ReadPlan.RELOAD && freshness.mayStandIn(snapshot, ReadOptions.defaults())
          ? next + ", and returns it only if that fails"
          : next;
    }

    private static String ago(Duration age) {
      return words(age) + " ago";
    }

    private static String words(Duration duration) {
      long millis = duration.toMillis();
      return millis < 10_000 ? millis + " ms" : millis / 1000 + " s";
    }
  }
}
