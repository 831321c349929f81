package io.cacheaside.fuzzing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.cacheaside.AsyncCacheAside;
import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.Environment;
import io.cacheaside.Lookup;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.Store;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Round trip of entries with any header: what a cache writes is what the wire format says, and
 * another cache reads it.
 */
public final class Writes {
  private static final int MOST_TAGS = 4;

  private final World world = new World();
  private final Input in;
  private final byte[] ids;
  private final int schemaVersion;
  private final Duration ttl;
  private final Duration kept;
  private final Duration loadTime;
  private final Set<String> declared;
  private final Set<String> named;
  private final String value;

  private Writes(Input in) {
    this.in = in;
    ids = in.bytes(8);
    schemaVersion = (int) in.number(4) & Integer.MAX_VALUE;
    ttl = Duration.ofMillis(Math.max(1, in.number(6)));
    kept = Duration.ofMillis(in.number(5));
    loadTime = Duration.ofMillis(in.number(2));
    declared = tags();
    named = tags();
    value = new String(in.rest(), ISO_8859_1);
  }

  /** Seed of ids, schema version, times, tags, and the value. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    new Writes(new Input(bytes)).test();
  }

  private Set<String> tags() {
    Set<String> tags = new LinkedHashSet<>();
    for (int left = in.below(MOST_TAGS + 1); left > 0; left--) {
      String tag = in.text();
      if (!tag.isEmpty() && tag.chars().noneMatch(c -> Character.isSurrogate((char) c))) {
        tags.add(tag);
      }
    }
    return tags;
  }

  private AsyncCacheAside<String, String> cache() {
    CacheAsideBuilder<String, String> builder =
        CacheAside.builder(World.CACHE, Codec.string())
            .store(world.store)
            .environment(new ChosenIds())
            .ttlJitter(0)
            .ttl(ttl)
            .staleIfError(kept)
            .schemaVersion(schemaVersion)
            .loadTimeout(Duration.ofDays(1));
    if (!declared.isEmpty()) {
      builder.tags(key -> declared);
    }
    if (!named.isEmpty()) {
      builder.loaderTags();
    }
    return builder.build().async();
  }

  private void test() {
    AsyncCacheAside<String, String> writer = cache();
    String loaded =
        world.await(
            writer.getWithContext(
                States.KEY,
                (key, context) -> {
                  if (!named.isEmpty()) {
                    context.tags(named.toArray(String[]::new));
                  }
                  world.time.advance(loadTime);
                  return CompletableFuture.completedFuture(value);
                }));
    Violation.unlessEqual("what was loaded", loaded, value);
    byte[] state = Objects.requireNonNull(world.stored(States.PLACE), "nothing was stored");
    isAsTheFormatSays(WireFormat.read(States.HASH, state, schemaVersion));
    isRead(writer.lookup(States.KEY));
  }

  private void isAsTheFormatSays(WireFormat entry) {
    Duration whole = ttl.compareTo(Store.MAX_TTL.minus(kept)) < 0 ? ttl.plus(kept) : ttl;
    Violation.unlessEqual("kind", entry.kind(), WireFormat.Kind.VALUE);
    Violation.unlessEqual("schema version", entry.schemaVersion(), schemaVersion);
    Violation.unlessEqual("time to live", entry.ttlMillis(), whole.toMillis());
    Violation.unlessEqual("freshness", entry.freshMillis(), ttl.toMillis());
    Violation.unlessEqual("load time", entry.counter(), expectedLoadMillis());
    Violation.unlessEqual("payload", entry.payload(), Codec.string().encode(value));
    Violation.unless(entry.id().startsWith(HexFormat.of().formatHex(ids)), "id %s", entry.id());
    WireFormat.Tags tags = Objects.requireNonNull(entry.tags(), "unreadable tags");
    Violation.unlessEqual("number of declared tags", tags.declared().size(), declared.size());
    Violation.unlessEqual("any", tags.any(), null);
    Violation.unlessEqual("named tags", List.copyOf(tags.named().keySet()), sorted(named));
  }

  private int expectedLoadMillis() {
    return (int) Math.max(1, Math.min(loadTime.toMillis(), 0x7FFF));
  }

  private static List<String> sorted(Set<String> tags) {
    return List.copyOf(new TreeSet<>(tags));
  }

  private void isRead(CompletableFuture<Lookup<String>> lookup) {
    Lookup<String> found = world.await(lookup);
    if (!(found instanceof Lookup.Hit<String> hit)) {
      throw new Violation("the entry was not found but " + found, null);
    }
    Violation.unlessEqual("value", hit.cached(), value);
    Violation.unlessEqual("remaining", hit.remaining(), ttl);
    Violation.unlessEqual("age", hit.age(), Duration.ZERO);
    Duration time = hit.provenance().loadTime();
    Violation.unlessEqual("load time", time, Duration.ofMillis(expectedLoadMillis()));
  }

  /** The ids begin as the input says, and then there is a count. */
  private final class ChosenIds implements Environment {
    private long count;

    @Override
    public void uniqueBytes(byte[] target) {
      count++;
      for (int i = 0; i < target.length; i++) {
        target[i] = i < ids.length ? ids[i] : (byte) (count >>> (8 * (target.length - 1 - i)));
      }
    }

    @Override
    public long nanoTime() {
      return world.time.nanoTime();
    }

    @Override
    public Executor executor() {
      return world.time.executor();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      return world.time.schedule(delay, task);
    }

    @Override
    public double random() {
      return 0.0;
    }
  }
}
