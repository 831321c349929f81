package io.cacheaside.fuzzing;

import io.cacheaside.AsyncCacheAside;
import io.cacheaside.CacheAside;
import io.cacheaside.Lookup;
import io.cacheaside.Provenance;
import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import io.cacheaside.fuzzing.WireFormat.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Whatever bytes are under a key, {@code lookup}, {@code remainingTtl} and {@code get} make of them
 * exactly what a second reader of the wire format does.
 */
public final class States {
  static final String KEY = "42";
  static final String PLACE = World.CACHE + ":" + KEY;
  static final long HASH = WireFormat.hash(PLACE);
  static final int SCHEMA_VERSION = 3;
  private static final int MAX_PAYLOAD_BYTES = 256;
  private static final String LOADED = "loaded";

  private final World world = new World();
  private final WireFormat found;
  private final long remainingMillis;

  private States(byte[] state, long remainingMillis) {
    this.found = WireFormat.read(HASH, state, SCHEMA_VERSION);
    this.remainingMillis = remainingMillis;
    world.plant(PLACE, state, remainingMillis);
  }

  /** One byte that says which checks to repair, six bytes of remaining time, the state. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    Input in = new Input(bytes);
    int repairs = in.next();
    long remainingMillis = Math.max(1, in.number(6));
    byte[] state = in.rest();
    WireFormat.seal(HASH, state, (repairs & 1) != 0, (repairs & 2) != 0);
    new States(state, remainingMillis).test();
  }

  private void test() {
    try (CacheAside<String, String> cache =
        world.users().schemaVersion(SCHEMA_VERSION).maxPayloadBytes(MAX_PAYLOAD_BYTES).build()) {
      AsyncCacheAside<String, String> users = cache.async();
      Lookup<String> answer = world.await(users.lookup(KEY));
      Violation.unlessEqual("lookup", said(answer), said(lookup()));
      Violation.unlessEqual("remainingTtl", world.await(users.remainingTtl(KEY)), remainingTtl());
      world.await(users.explain(KEY));
      if (!found.isTimelessLease()) {
        read(users);
      }
    }
  }

  private void read(AsyncCacheAside<String, String> users) {
    CompletableFuture<@Nullable String> read =
        users.get(KEY, key -> CompletableFuture.completedFuture(LOADED));
    if (found.is(Kind.FAILURE) || found.isLongLease()) {
      world.failure(read);
    } else {
      Violation.unlessEqual("get", world.await(read), value());
    }
  }

  private @Nullable String value() {
    if (found.is(Kind.ABSENT) && isCurrent()) {
      return null;
    }
    String decoded = decoded();
    return decoded == null || isStale() ? LOADED : decoded;
  }

  private Lookup<String> lookup() {
    if (found.is(Kind.ABSENT) && isCurrent()) {
      return new Lookup.AbsentInSource<String>(provenance(false));
    }
    String decoded = decoded();
    if (decoded == null) {
      return new Lookup.NotCached<String>();
    }
    return isStale()
        ? new Lookup.Stale<>(decoded, provenance(true))
        : new Lookup.Hit<>(decoded, provenance(false));
  }

  private Optional<Duration> remainingTtl() {
    return found.is(Kind.VALUE) && isCurrent() && !isStale()
        ? Optional.of(provenance(false).remaining())
        : Optional.empty();
  }

  /** Returns all that an answer says, so that it can be compared. */
  private static List<@Nullable Object> said(Lookup<String> answer) {
    if (answer instanceof Lookup.Hit<String> hit) {
      return said("hit", hit.cached(), hit.provenance());
    } else if (answer instanceof Lookup.Stale<String> stale) {
      return said("stale", stale.stale(), stale.provenance());
    } else if (answer instanceof Lookup.AbsentInSource<String> absent) {
      return said("absent", null, absent.provenance());
    }
    return List.of("not cached");
  }

  private static List<@Nullable Object> said(
      String kind, @Nullable String value, Provenance provenance) {
    return Arrays.asList(
        kind,
        value,
        provenance.level(),
        provenance.age(),
        provenance.remaining(),
        provenance.kept(),
        provenance.staleReason(),
        provenance.loadTime());
  }

  private record Expected(
      Level level,
      Duration age,
      Duration remaining,
      Duration kept,
      @Nullable StaleReason staleReason,
      @Nullable Duration loadTime)
      implements Provenance {}

  private Provenance provenance(boolean stale) {
    Duration ttl = Duration.ofMillis(found.ttlMillis());
    Duration kept = Duration.ofMillis(remainingMillis);
    Duration fresh = kept.minus(ttl).plusMillis(found.freshMillis());
    int loadMillis = found.is(Kind.VALUE) ? found.counter() & 0x7FFF : 0;
    return new Expected(
        Provenance.Level.STORE,
        ageMillis() == 0 ? Duration.ZERO : Duration.ofMillis(ageMillis()),
        stale || fresh.isNegative() ? Duration.ZERO : fresh,
        kept,
        !stale ? null : isMarked() ? Provenance.StaleReason.MARKED : Provenance.StaleReason.EXPIRED,
        loadMillis == 0 ? null : Duration.ofMillis(loadMillis));
  }

  private long ageMillis() {
    return Math.max(0, found.ttlMillis() - remainingMillis);
  }

  private boolean isStale() {
    return isMarked()
        || (found.freshMillis() < found.ttlMillis() && ageMillis() >= found.freshMillis());
  }

  private boolean isMarked() {
    return found.is(Kind.VALUE) && found.counter() > 0x7FFF;
  }

  /** Returns whether it depends on no tag, as the entries of this cache. */
  private boolean isCurrent() {
    return found.hasNoTags();
  }

  private @Nullable String decoded() {
    byte[] payload = found.is(Kind.VALUE) && isCurrent() ? found.payload() : null;
    if (payload == null || payload.length > MAX_PAYLOAD_BYTES) {
      return null;
    }
    try {
      return Codec.string().decode(ByteBuffer.wrap(payload));
    } catch (CodecException e) {
      return null;
    }
  }
}
