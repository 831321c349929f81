package io.cacheaside.verification.behaviour;

import io.cacheaside.redis.RedisStore;
import io.cacheaside.redis.RedisStoreBuilder;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.Store;
import io.cacheaside.testkit.ForwardingStore;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import io.cacheaside.testkit.SharedServers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A kind of store, with entries that all tests of this JVM share: they keep apart by the names of
 * their caches.
 */
abstract class Backend {
  private static final List<Backend> ALL = all();

  private final String name;
  private final Set<String> tags;
  private @Nullable Store shared;

  private Backend(String name, String... tags) {
    this.name = name;
    this.tags = Set.of(tags);
  }

  /** Returns every kind of store that is available here; in a build of its own, all must be. */
  static Stream<Backend> available() {
    return ALL.stream();
  }

  private static List<Backend> all() {
    List<Backend> all = new ArrayList<>();
    all.add(new Memory());
    ServerBinary.available().forEach(binary -> all.add(new Server(binary)));
    all.add(new Cluster(ServerBinary.BUNDLED));
    return all;
  }

  /**
   * Returns the tag under which tests on this kind of store can be run alone, and whether the quick
   * run has it or the full one.
   */
  Set<String> tags() {
    return tags;
  }

  /** Returns the store instance that all tests of this JVM share; it is never closed. */
  final synchronized Store store() {
    Store store = shared;
    if (store == null) {
      store = connect();
      shared = store;
    }
    return store;
  }

  /** Returns another store instance over the same entries, as another process would have. */
  abstract Store connect();

  /** Puts something under a key that only a program other than this library can have put there. */
  abstract void putForeign(String key);

  /** Lets a key live for as long as the store can, which Redis is asked for with PERSIST. */
  abstract void persist(String key);

  /** Returns the keys that begin with a text, which has no glob characters, and never expire. */
  abstract List<String> immortalKeys(String prefix);

  @Override
  public String toString() {
    return name;
  }

  private static final class Memory extends Backend {
    private final InMemoryStore entries = InMemoryStore.create();

    Memory() {
      super("in-memory", "unit", "quick");
    }

    @Override
    Store connect() {
      return new ForwardingStore(entries) {
        @Override
        public void close() {}
      };
    }

    /** Nothing but a store's own types fits in here: the nearest is what has no header. */
    @Override
    void putForeign(String key) {
      entries.put(key, new byte[0], Duration.ofMinutes(1));
    }

    @Override
    void persist(String key) {
      byte[] state = entries.read(key).toCompletableFuture().join();
      entries.put(key, Objects.requireNonNull(state), Store.MAX_TTL);
    }

    @Override
    List<String> immortalKeys(String prefix) {
      return List.of();
    }
  }

  /** Real servers. A slow machine must not look like a store that fails. */
  private abstract static class Remote extends Backend {
    private static final String PREFIX = "cache:";
    private static final String IMMORTAL_KEYS =
        """
        local found, cursor = {}, '0'
        repeat
          local page = redis.call('SCAN', cursor, 'MATCH', ARGV[1], 'COUNT', 1000)
          cursor = page[1]
          for _, key in ipairs(page[2]) do
            if redis.call('PTTL', key) == -1 then found[#found + 1] = key end
          end
        until cursor == '0'
        return found
        """;

    private final Supplier<RedisStoreBuilder> settings;

    Remote(Supplier<RedisStoreBuilder> settings, String name, String... tags) {
      super(name, tags);
      this.settings = settings;
    }

    abstract List<RedisServer> nodes();

    abstract RedisServer ownerOf(String remoteKey);

    @Override
    Store connect() {
      return settings.get().commandTimeout(Duration.ofSeconds(10)).failFast().connect();
    }

    @Override
    void putForeign(String key) {
      ownerOf(PREFIX + key).command("RPUSH", PREFIX + key, "an", "element", "of", "a", "list");
    }

    @Override
    void persist(String key) {
      ownerOf(PREFIX + key).command("PERSIST", PREFIX + key);
    }

    @Override
    List<String> immortalKeys(String prefix) {
      return nodes().stream()
          .map(node -> node.command("EVAL", IMMORTAL_KEYS, "0", PREFIX + prefix + "*"))
          .flatMap(found -> ((List<?>) found).stream().map(String::valueOf))
          .toList();
    }
  }

  private static final class Server extends Remote {
    private final ServerBinary binary;

    Server(ServerBinary binary) {
      super(
          () -> RedisStore.builder().uri(SharedServers.redis(binary).uri()),
          binary.toString(),
          binary.toString().startsWith("valkey") ? "valkey" : "redis",
          binary == ServerBinary.BUNDLED ? "quick" : "full");
      this.binary = binary;
    }

    @Override
    List<RedisServer> nodes() {
      return List.of(SharedServers.redis(binary));
    }

    @Override
    RedisServer ownerOf(String remoteKey) {
      return SharedServers.redis(binary);
    }
  }

  private static final class Cluster extends Remote {
    private final ServerBinary binary;

    Cluster(ServerBinary binary) {
      super(
          () ->
              RedisStore.builder()
                  .cluster(true)
                  .nodes(
                      SharedServers.cluster(binary).nodes().stream()
                          .map(node -> node.host() + ":" + node.port())
                          .toArray(String[]::new)),
          "cluster of " + binary,
          "cluster",
          "full");
      this.binary = binary;
    }

    @Override
    List<RedisServer> nodes() {
      return SharedServers.cluster(binary).nodes();
    }

    @Override
    RedisServer ownerOf(String remoteKey) {
      return SharedServers.cluster(binary).ownerOf(remoteKey);
    }
  }
}
