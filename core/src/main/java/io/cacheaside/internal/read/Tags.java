package io.cacheaside.internal.read;

import io.cacheaside.Environment;
import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryId;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.entry.Keyspace;
import io.cacheaside.internal.entry.TagIds;
import io.cacheaside.internal.flow.GuardedStore;
import io.cacheaside.internal.flow.Stages;
import io.cacheaside.internal.flow.StoreBatch;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tags and generations: keys that hold nothing but a unique id. An entry carries the ids that were
 * read before its load was authorised, and is valid only while they are the current ones.
 *
 * <p>Invalidating a tag removes its key; whoever needs the id next creates a new one. So losing
 * such a key, to eviction or a restart, invalidates entries and never revives any.
 *
 * <p>A tag that only a loader names is known too late to be read before the load. For these there
 * is the id "any", which changes first with every invalidated tag: it is read before the load, and
 * again after the tags were; the result is stored only if it has stayed the same.
 *
 * <p>The generation of a cache, which {@code clear} ends, is spread over a few keys, so that no
 * server has to answer for all entries.
 */
public final class Tags<K> {
  private static final int GENERATIONS = 16;
  private static final int MAX_TAGS = 64;
  private static final int MAX_TAG_CHARACTERS = 256;
  private static final Duration TTL = Duration.ofDays(60);
  private static final double RENEWED_PART = 0.001;

  private final Keyspace<K> keyspace;
  private final Environment environment;
  private final @Nullable Function<? super K, ? extends Collection<String>> declared;
  private final boolean byLoaders;
  private final boolean generations;

  /**
   * Creates the tags of a cache.
   *
   * @param declared the tags of each key; null if keys have none
   * @param byLoaders whether loaders may name tags
   * @param generations whether all entries depend on ids that {@code clear} ends
   */
  public Tags(
      Keyspace<K> keyspace,
      Environment environment,
      @Nullable Function<? super K, ? extends Collection<String>> declared,
      boolean byLoaders,
      boolean generations) {
    this.keyspace = keyspace;
    this.environment = environment;
    this.declared = declared;
    this.byLoaders = byLoaders;
    this.generations = generations;
  }

  /** Returns whether the entries of this cache have ids at all. */
  public boolean areUsed() {
    return declared != null || byLoaders || generations;
  }

  public boolean haveGenerations() {
    return generations;
  }

  /** Refuses a tag that no entry of this cache can have. */
  public void checkTag(String tag) {
    Objects.requireNonNull(tag, "tag");
    if (declared == null && !byLoaders) {
      throw new IllegalStateException(
          "the cache has no tags; build it with tags(...) or loaderTags()");
    }
    checkName(tag);
  }

  /**
   * Refuses tags of a loader that go beyond the limits.
   *
   * @param all what it has named so far
   */
  public void checkNamed(Set<String> all) {
    if (!byLoaders) {
      throw new IllegalStateException(
          "loaders of this cache cannot name tags; build it with loaderTags()");
    }
    all.forEach(this::checkName);
    if (all.size() > MAX_TAGS) {
      throw new IllegalArgumentException(
          "an entry has " + all.size() + " tags; use at most " + MAX_TAGS);
    }
  }

  /** Refuses what is too long or, as part of a key, is not well-formed. */
  private void checkName(String tag) {
    if (tag.isEmpty() || tag.length() > MAX_TAG_CHARACTERS) {
      throw new IllegalArgumentException(
          "tag has " + tag.length() + " characters; use 1 to " + MAX_TAG_CHARACTERS);
    }
    keyspace.tag(tag);
  }

  // ---- Reading --------------------------------------------------------------------------------

  /** A tag as it was read. */
  record Seen(EntryId id, @Nullable Epoch epoch) {}

  /** Tags as they were read, in the order in which they were asked for. */
  public record AllSeen(TagIds ids, List<Epoch> epochs) {}

  /** The tags that are read together; each is asked for once. */
  public final class Reading {
    private final Store store;
    private final @Nullable Epochs watcher;
    private final Map<String, CompletableFuture<Seen>> asked = new HashMap<>();

    /**
     * Creates a reading that has asked for nothing yet.
     *
     * @param watcher notes changes of the tags from before they are read; null if nobody wants to
     *     know
     */
    public Reading(Store store, @Nullable Epochs watcher) {
      this.store = store;
      this.watcher = watcher;
    }

    /** Reads the ids that an entry of a key has to have; creates those that are not there. */
    public CompletableFuture<AllSeen> of(EntryKey<K> key) {
      List<CompletableFuture<Seen>> tags = new ArrayList<>();
      key.tags().forEach(tag -> tags.add(idOf(tag)));
      CompletableFuture<@Nullable EntryId> any =
          byLoaders
              ? idOf(keyspace.anyTag()).thenApply(Seen::id)
              : CompletableFuture.completedFuture(null);
      return joined(tags)
          .thenCombine(
              any,
              (all, id) ->
                  new AllSeen(
                      new TagIds(all.stream().map(Seen::id).toList(), id, Map.of()), epochs(all)));
    }

    private CompletableFuture<Seen> idOf(EntryKey<String> tag) {
      return asked.computeIfAbsent(tag.text(), text -> readOrCreate(store, tag, watcher));
    }
  }

  private static List<Epoch> epochs(Collection<Seen> tags) {
    return tags.stream().map(Seen::epoch).filter(Objects::nonNull).toList();
  }

  private static CompletableFuture<List<Seen>> joined(List<CompletableFuture<Seen>> tags) {
    return Stages.allOf(tags).thenApply(all -> tags.stream().map(CompletableFuture::join).toList());
  }

  /** Returns a key together with where the ids are that its entries depend on by declaration. */
  public EntryKey<K> tagged(EntryKey<K> key) {
    if (!generations && declared == null) {
      return key;
    }
    List<EntryKey<String>> tags = new ArrayList<>();
    if (generations) {
      tags.add(keyspace.generation((int) (key.hash() & (GENERATIONS - 1))));
    }
    declaredFor(key.key()).forEach(tag -> tags.add(keyspace.tag(tag)));
    return new EntryKey<>(key.key(), key.text(), key.hash(), List.copyOf(tags));
  }

  private Set<String> declaredFor(K key) {
    if (declared == null) {
      return Set.of();
    }
    Set<String> distinct =
        new LinkedHashSet<>(Objects.requireNonNull(declared.apply(key), "tags returned null"));
    distinct.forEach(this::checkName);
    if (distinct.size() > MAX_TAGS) {
      throw new IllegalArgumentException(
          "a key has " + distinct.size() + " tags; use at most " + MAX_TAGS);
    }
    return distinct;
  }

  private CompletableFuture<Seen> readOrCreate(
      Store store, EntryKey<String> tag, @Nullable Epochs watcher) {
    if (watcher == null) {
      return store
          .read(tag.text())
          .toCompletableFuture()
          .thenCompose(state -> seen(store, tag, state, null));
    }
    Epoch epoch = watcher.epochOf(tag.text(), environment.nanoTime());
    return store
        .readWatched(tag.text())
        .toCompletableFuture()
        .thenCompose(
            state ->
                seen(
                    store,
                    tag,
                    state == null ? null : state.bytes(),
                    state == null ? epoch : epoch.in(state.feed())));
  }

  private CompletableFuture<Seen> seen(
      Store store, EntryKey<String> tag, byte @Nullable [] state, @Nullable Epoch epoch) {
    Entry entry = Entry.parse(tag, state, 0);
    return entry.is(Entry.Kind.TAG)
        ? CompletableFuture.completedFuture(new Seen(entry.id(), epoch))
        : replace(store, tag, entry)
            .thenApply(id -> new Seen(id, epoch == null ? null : epoch.in(null)));
  }

  private CompletableFuture<EntryId> replace(Store store, EntryKey<String> tag, Entry entry) {
    return entry.is(Entry.Kind.NONE) ? create(store, tag, true) : createInstead(store, tag);
  }

  private CompletableFuture<EntryId> createInstead(Store store, EntryKey<String> tag) {
    return store
        .remove(tag.text())
        .toCompletableFuture()
        .thenCompose(gone -> create(store, tag, false));
  }

  /**
   * Creates an id unless there is one.
   *
   * @param mayRemove whether to remove what is no id: a read may not have seen it
   */
  private CompletableFuture<EntryId> create(Store store, EntryKey<String> tag, boolean mayRemove) {
    EntryId id = EntryId.next(environment);
    return store
        .putIfAbsent(tag.text(), Entry.tag(tag, id, TTL), TTL)
        .toCompletableFuture()
        .thenCompose(
            state -> {
              Entry entry = Entry.parse(tag, state, 0);
              if (state == null || entry.is(Entry.Kind.TAG)) {
                return CompletableFuture.completedFuture(state == null ? id : entry.id());
              }
              return mayRemove
                  ? createInstead(store, tag)
                  : CompletableFuture.failedFuture(noTag());
            });
  }

  private static StoreException noTag() {
    return new StoreException(
        StoreException.Reason.REFUSED, "the key of a tag holds something else", null);
  }

  // ---- Comparing ------------------------------------------------------------------------------

  /**
   * Returns whether an entry has the ids that count now. Of tags that a loader named see {@link
   * #namedIfCurrent}.
   */
  public boolean areCurrent(Snapshot snapshot) {
    Entry entry = snapshot.entry();
    return switch (entry.kind()) {
      case VALUE, ABSENT, LEASE -> areUsed() ? hasCurrent(snapshot) : !entry.mayHaveTags();
      default -> true;
    };
  }

  private boolean hasCurrent(Snapshot snapshot) {
    TagIds has = snapshot.entry().tags();
    boolean sameAny =
        !snapshot.entry().is(Entry.Kind.LEASE) || Objects.equals(has.any(), snapshot.tags().any());
    boolean comparable = byLoaders || has.named().isEmpty();
    return has.declared().equals(snapshot.tags().declared()) && sameAny && comparable;
  }

  /** Returns whether an entry has tags that its loader named. */
  boolean hasNamed(Entry entry) {
    return byLoaders && entry.isAnswer() && !entry.tags().named().isEmpty();
  }

  /**
   * Reads the tags that a loader named; the answer is null if they are not those of the entry, and
   * otherwise when they were read.
   *
   * @param watcher as for {@link Reading}
   */
  CompletionStage<@Nullable List<Epoch>> namedIfCurrent(
      Store store, Entry entry, @Nullable Epochs watcher) {
    Map<String, EntryId> named = entry.tags().named();
    if (!named.keySet().stream().allMatch(this::isName)) {
      return CompletableFuture.completedFuture(null);
    }
    return readNamed(store, named.keySet(), watcher)
        .thenApply(seen -> ids(seen).equals(named) ? epochs(seen.values()) : null);
  }

  /** Returns whether a loader can have named this; what is damaged may be no name at all. */
  private boolean isName(String tag) {
    try {
      checkName(tag);
      return true;
    } catch (IllegalArgumentException refused) {
      return false;
    }
  }

  private static Map<String, EntryId> ids(Map<String, Seen> named) {
    Map<String, EntryId> ids = new HashMap<>();
    named.forEach((name, seen) -> ids.put(name, seen.id()));
    return ids;
  }

  /** Reads tags; those that are not there get an id. */
  private CompletableFuture<Map<String, Seen>> readNamed(
      Store store, Set<String> names, @Nullable Epochs watcher) {
    List<String> order = List.copyOf(names);
    List<CompletableFuture<Seen>> tags = new ArrayList<>();
    StoreBatch.together(
        store,
        () -> order.forEach(name -> tags.add(readOrCreate(store, keyspace.tag(name), watcher))));
    return joined(tags)
        .thenApply(
            all -> {
              Map<String, Seen> named = new HashMap<>();
              for (int i = 0; i < all.size(); i++) {
                named.put(order.get(i), all.get(i));
              }
              return named;
            });
  }

  /**
   * Returns the ids for a value whose loader named tags; null if tags were invalidated while it was
   * loaded, so that nobody knows whether it is older.
   *
   * @param before what was read before the load was allowed to begin
   */
  public CompletionStage<@Nullable TagIds> bind(Store store, TagIds before, Set<String> names) {
    return readNamed(store, names, null)
        .thenCompose(
            named ->
                readOrCreate(store, keyspace.anyTag(), null)
                    .thenApply(
                        any -> any.id().equals(before.any()) ? before.ofValue(ids(named)) : null));
  }

  /**
   * Prolongs the life of the ids behind a value now and then, so that those in use do not expire.
   *
   * @param any what the load of the value began with
   */
  public void renewNowAndThen(
      GuardedStore guard, EntryKey<K> key, TagIds ids, @Nullable EntryId any) {
    if (areUsed() && environment.random() < RENEWED_PART) {
      for (int i = 0; i < key.tags().size() && i < ids.declared().size(); i++) {
        renew(guard, key.tags().get(i), ids.declared().get(i));
      }
      ids.named().forEach((name, id) -> renew(guard, keyspace.tag(name), id));
      if (any != null) {
        renew(guard, keyspace.anyTag(), any);
      }
    }
  }

  private static void renew(GuardedStore guard, EntryKey<String> tag, EntryId id) {
    byte[] state = Entry.tag(tag, id, TTL);
    byte[] stamp = Arrays.copyOf(state, Entry.STAMP_BYTES);
    guard.issue(store -> store.swapHead(tag.text(), stamp, state, TTL));
  }

  // ---- Invalidating ---------------------------------------------------------------------------

  /** Ends all entries with a tag: first "any", so that no load can slip through in between. */
  public CompletableFuture<Long> invalidate(Store store, String tag) {
    CompletableFuture<Boolean> any =
        byLoaders
            ? store.remove(keyspace.anyTag().text()).toCompletableFuture()
            : CompletableFuture.completedFuture(true);
    return any.thenCompose(done -> store.remove(keyspace.tag(tag).text())).thenApply(done -> 1L);
  }

  /** Ends all entries. */
  public CompletableFuture<Long> invalidateAll(Store store) {
    List<CompletableFuture<Boolean>> removals = new ArrayList<>();
    StoreBatch.together(
        store,
        () -> {
          for (int bucket = 0; bucket < GENERATIONS; bucket++) {
            String key = keyspace.generation(bucket).text();
            removals.add(store.remove(key).toCompletableFuture());
          }
        });
    return Stages.allOf(removals).thenApply(all -> 1L);
  }
}
