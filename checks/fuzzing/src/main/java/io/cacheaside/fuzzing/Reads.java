package io.cacheaside.fuzzing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.failedFuture;

import io.cacheaside.AsyncCacheAside;
import io.cacheaside.BulkLoadException;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.EarlyRefresh;
import io.cacheaside.LoadTimeoutException;
import io.cacheaside.Lookup;
import io.cacheaside.NearCache;
import io.cacheaside.ReadOptions;
import io.cacheaside.SharedLoadException;
import io.cacheaside.fuzzing.WireFormat.Kind;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Caches of all features, with any bytes under their keys and those beside them: every operation
 * ends and none fails, and what a read returns was loaded, put, or in an intact entry of that key
 * since its last invalidation.
 */
public final class Reads {
  private static final int MOST_OPERATIONS = 16;
  private static final int LONGEST_KEY_BYTES = 64;
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final String KEY = States.KEY;
  private static final String LOADED = "loaded";

  /** The features of a cache, each a bit of the settings. */
  @SuppressWarnings("ImmutableEnumChecker")
  private enum Feature {
    STALE_WHILE_REVALIDATE(users -> users.staleWhileRevalidate(SECOND.multipliedBy(30))),
    STALE_IF_ERROR(users -> users.staleIfError(SECOND.multipliedBy(30))),
    EARLY_REFRESH(users -> users.earlyRefresh(EarlyRefresh.after(0.5))),
    NEAR(users -> users.nearCache(NearCache.ofEntries(10).withAbsences())),
    TAGS(users -> users.tags(key -> List.of("red"))),
    LOADER_TAGS(CacheAsideBuilder::loaderTags),
    INSTANT_CLEAR(CacheAsideBuilder::instantClear),
    HOLD_OFF(users -> users.holdOff(SECOND.multipliedBy(5))),
    FENCE(users -> users.fenceTime(SECOND.multipliedBy(10))),
    ABSENCES(users -> users.absentTtl(SECOND.multipliedBy(10))),
    BACK_OFF(users -> users.failureBackoff(SECOND, SECOND.multipliedBy(60)));

    final Consumer<CacheAsideBuilder<String, String>> setting;

    Feature(Consumer<CacheAsideBuilder<String, String>> setting) {
      this.setting = setting;
    }
  }

  private static final class SourceFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Where bytes are planted. */
  private enum Place {
    ENTRY(States.PLACE, States.HASH),
    REFRESH("users%r:42", States.HASH ^ 1),
    TAG("users%t:red"),
    NAMED_TAG("users%t:named"),
    ANY_TAG("users%a:any"),
    GENERATION("users%g:13");

    final String key;
    final long hash;

    Place(String key) {
      this(key, WireFormat.hash(key));
    }

    Place(String key, long hash) {
      this.key = key;
      this.hash = hash;
    }
  }

  private final World world = new World();
  private final Input in;
  private final Set<Feature> features = EnumSet.noneOf(Feature.class);
  private final AsyncCacheAside<String, String> users;

  /** What a read may return beside what is loaded. */
  private final Set<String> known = new HashSet<>();

  private final Set<String> ever = new HashSet<>();

  private boolean absenceKnown;
  private boolean absenceEver;
  private boolean failureKnown;
  private boolean longLeaseKnown;

  private Reads(Input in) {
    this.in = in;
    this.users = cache((int) in.number(2));
  }

  /** Two bytes of settings, then operations, each with its arguments. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    new Reads(new Input(bytes)).test();
  }

  private AsyncCacheAside<String, String> cache(int settings) {
    CacheAsideBuilder<String, String> builder =
        world
            .users()
            .schemaVersion(States.SCHEMA_VERSION)
            .maxKeyBytes(LONGEST_KEY_BYTES)
            .leaseTime(Duration.ofMillis(300));
    int left = settings;
    for (Feature feature : Feature.values()) {
      if ((left & 1) != 0) {
        features.add(feature);
        feature.setting.accept(builder);
      }
      left >>= 1;
    }
    return builder.build().async();
  }

  private void test() {
    plant(Place.ENTRY);
    for (int operations = 0; operations < MOST_OPERATIONS && in.left() > 0; operations++) {
      operate(in.below(20));
    }
    world.time.advance(SECOND.multipliedBy(60));
  }

  private void operate(int operation) {
    switch (operation) {
      case 0 -> plant(Place.values()[in.below(Place.values().length)]);
      case 1 -> read(users.get(KEY, key -> completedFuture(LOADED)));
      case 2 -> read(users.get(KEY, options(), key -> completedFuture(LOADED)));
      case 3 -> read(users.get(KEY, key -> nothing()));
      case 4 -> read(users.get(KEY, options(), key -> failing()));
      case 5 -> readTagged();
      case 6 -> readAll();
      case 7 -> lookup();
      case 8 -> done(users.explain(KEY));
      case 9 -> done(users.remainingTtl(KEY));
      case 10 -> update();
      case 11 -> done(users.markStale(KEY));
      case 12 -> done(users.touch(KEY));
      case 13 -> done(users.setTtl(KEY, Duration.ofMillis(1 + in.number(2))));
      case 14 -> put();
      case 15 -> invalidate(users.invalidate(KEY));
      case 16 -> invalidate(users.clear());
      case 17 -> invalidate(users.invalidateMatching("*"));
      case 18 -> invalidateTag();
      default -> world.time.advance(Duration.ofMillis(in.number(2)));
    }
  }

  private ReadOptions options() {
    int set = in.next();
    ReadOptions options = ReadOptions.defaults();
    options = (set & 1) == 0 ? options : options.maxAge(Duration.ofMillis(in.number(2)));
    options = (set & 2) == 0 ? options : options.strict();
    options = (set & 4) == 0 ? options : options.forceRefresh();
    options = (set & 8) == 0 ? options : options.doNotCache();
    return (set & 16) == 0 ? options : options.skipNear();
  }

  /** Puts a state somewhere, with one byte of repairs and six of the time that it is kept. */
  private void plant(Place place) {
    int repairs = in.next();
    long remainingMillis = in.number(6);
    byte[] state = in.part();
    WireFormat.seal(place.hash, state, (repairs & 1) != 0, (repairs & 2) != 0);
    WireFormat planted = WireFormat.read(place.hash, state, States.SCHEMA_VERSION);
    if (planted.isTimelessLease()) {
      return;
    }
    world.plant(place.key, state, remainingMillis);
    failureKnown |= planted.is(Kind.FAILURE);
    longLeaseKnown |= planted.isLongLease();
    if (place == Place.ENTRY) {
      know(planted);
    } else if (place != Place.REFRESH) {
      revive();
    }
  }

  private void know(WireFormat planted) {
    byte[] payload = planted.is(Kind.VALUE) ? planted.payload() : null;
    if (payload != null) {
      known.add(new String(payload, UTF_8));
    }
    absenceKnown |= planted.is(Kind.ABSENT);
    ever.addAll(known);
    absenceEver |= absenceKnown;
  }

  /** An old id of a tag that is back makes the entries current that have it. */
  private void revive() {
    known.addAll(ever);
    absenceKnown |= absenceEver;
  }

  // ---- Reading --------------------------------------------------------------------------------

  private CompletableFuture<@Nullable String> nothing() {
    absenceKnown = true;
    return completedFuture(null);
  }

  private CompletableFuture<String> failing() {
    failureKnown = true;
    return failedFuture(new SourceFailure());
  }

  private void read(CompletableFuture<@Nullable String> reading) {
    try {
      check(world.await(reading));
    } catch (CompletionException e) {
      if (!mayFail(e.getCause())) {
        throw new Violation("a read failed", e.getCause());
      }
    }
  }

  private boolean mayFail(@Nullable Throwable failure) {
    return failure instanceof LoadTimeoutException
        ? longLeaseKnown
        : failureKnown
            && (failure instanceof SharedLoadException || failure instanceof SourceFailure);
  }

  private void check(@Nullable String value) {
    Violation.unless(
        value == null ? absenceKnown : value.equals(LOADED) || known.contains(value),
        "a read returned <%s>; known are %s",
        value,
        known);
  }

  private void readTagged() {
    if (features.contains(Feature.LOADER_TAGS)) {
      read(
          users.getWithContext(
              KEY,
              (key, context) -> {
                context.tags("named");
                return completedFuture(LOADED);
              }));
    }
  }

  private void readAll() {
    CompletableFuture<@Nullable String> one =
        users
            .getAll(List.of(KEY, "43"), keys -> completedFuture(Map.of(KEY, LOADED, "43", LOADED)))
            .handle(
                (values, failure) -> {
                  if (failure instanceof BulkLoadException e) {
                    throw new CompletionException(e.failures().get(KEY));
                  } else if (failure != null) {
                    throw new CompletionException(failure);
                  }
                  return values.get(KEY);
                });
    read(one);
  }

  private void lookup() {
    Lookup<String> found = world.await(users.lookup(KEY));
    if (found instanceof Lookup.Hit<String> hit) {
      check(hit.cached());
    } else if (found instanceof Lookup.Stale<String> stale) {
      check(stale.stale());
    } else if (found instanceof Lookup.AbsentInSource) {
      check(null);
    }
  }

  // ---- Changing -------------------------------------------------------------------------------

  private void update() {
    done(
        users.update(
            KEY,
            value -> {
              check(value);
              return "updated";
            }));
    known.add("updated");
  }

  private void put() {
    done(users.put(KEY, "put"));
    known.add("put");
  }

  private void invalidateTag() {
    if (features.contains(Feature.TAGS)) {
      invalidate(users.invalidateTag("red"));
    }
  }

  private void invalidate(CompletableFuture<?> invalidation) {
    done(invalidation);
    known.clear();
    absenceKnown = false;
  }

  private void done(CompletableFuture<?> operation) {
    Throwable failure = world.failure(operation);
    if (failure != null) {
      throw new Violation("an operation failed", failure);
    }
  }
}
