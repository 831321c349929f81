package io.cacheaside.internal.entry;

import io.cacheaside.Environment;
import io.cacheaside.store.Store;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** How long entries live: whose word counts, the jitter, and how long stale values are kept. */
public final class Lifetimes<K, V> {
  private static final Duration SHORTEST = Duration.ofMillis(1);

  /** What {@link Store#MAX_TTL} is, for people. */
  public static final String LONGEST = "8,900 years";

  private final Environment environment;
  private final Duration ttl;
  private final @Nullable BiFunction<? super K, ? super V, Duration> function;
  private final double jitter;
  private final Duration keptStale;
  private final @Nullable Duration absentTtl;

  /**
   * Creates the rules of a cache.
   *
   * @param keptStale for how long a value is kept after its time to live
   * @param absentTtl how long an absence is cached; null if it is not
   */
  public Lifetimes(
      Environment environment,
      Duration ttl,
      @Nullable BiFunction<? super K, ? super V, Duration> function,
      double jitter,
      Duration keptStale,
      @Nullable Duration absentTtl) {
    this.environment = environment;
    this.ttl = ttl;
    this.function = function;
    this.jitter = jitter;
    this.keptStale = keptStale;
    this.absentTtl = absentTtl;
  }

  public Duration ttl() {
    return ttl;
  }

  public @Nullable Duration absentTtl() {
    return absentTtl;
  }

  /**
   * Returns the life of a value: as it was given for this one value, or by the function, or else
   * the cache's.
   */
  public Lifetime of(EntryKey<K> key, V value, @Nullable Duration given) {
    return given != null ? spread(limited(given)) : spread(byRule(key, value));
  }

  /** Returns whether a value may live as long as an entry that holds it already. */
  public boolean mayLiveAsLongAs(Entry entry, EntryKey<K> key, V value, @Nullable Duration given) {
    Duration wanted = given != null ? given : byRule(key, value);
    return wanted.compareTo(entry.fresh()) >= 0 && entry.ttl().equals(exactly(entry.fresh()).ttl());
  }

  private Duration byRule(EntryKey<K> key, V value) {
    return function == null
        ? ttl
        : checked("what ttlFunction returned", function.apply(key.key(), value));
  }

  /** Returns whether a computed time leaves nothing for a store, which knows milliseconds. */
  public static boolean isOver(Duration computed) {
    return computed.compareTo(SHORTEST) < 0;
  }

  private static Duration limited(Duration computed) {
    return computed.compareTo(Store.MAX_TTL) < 0 ? computed : Store.MAX_TTL;
  }

  private Lifetime spread(Duration fresh) {
    return exactly(shortened(fresh));
  }

  /** Returns the life of a value that is fresh for exactly this long. */
  public Lifetime exactly(Duration fresh) {
    Duration kept = fresh.compareTo(Store.MAX_TTL.minus(keptStale)) < 0 ? keptStale : Duration.ZERO;
    return new Lifetime(fresh.plus(kept), fresh);
  }

  /** Returns a time to live shortened by a random part, so that entries do not expire together. */
  public Duration shortened(Duration whole) {
    long millis = whole.toMillis();
    long cut = (long) (millis * jitter * environment.random());
    return Duration.ofMillis(Math.max(1, millis - cut));
  }

  public static Duration checked(String property, Duration value) {
    Objects.requireNonNull(value, property);
    if (isOver(value) || value.compareTo(Store.MAX_TTL) > 0) {
      throw new IllegalArgumentException(
          property + " is " + Printable.of(value) + "; use at least 1 ms and at most " + LONGEST);
    }
    return value;
  }
}
