package io.cacheaside.verification.docs;

import io.cacheaside.AsyncCacheAside;
import io.cacheaside.CacheAside;
import io.cacheaside.codec.Codec;
import io.cacheaside.jackson.JsonCodec;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.Store;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the snippets of the documentation may use without saying where it comes from: a few types, a
 * source of users, a store and a cache on it.
 */
public class SnippetScope {
  static final String IMPORTS =
      """
      import io.cacheaside.*;
      import io.cacheaside.codec.*;
      import io.cacheaside.config.*;
      import io.cacheaside.jackson.JsonCodec;
      import io.cacheaside.micrometer.CacheAsideMetrics;
      import io.cacheaside.msgpack.MessagePackCodec;
      import io.cacheaside.redis.*;
      import io.cacheaside.store.*;
      import io.cacheaside.testkit.*;
      import io.cacheaside.verification.docs.*;
      import io.cacheaside.zstd.ZstdCodec;
      import java.nio.ByteBuffer;
      import java.nio.file.*;
      import java.time.*;
      import java.util.*;
      import java.util.concurrent.*;
      import static org.assertj.core.api.Assertions.*;
      """
          .replace("\n", "");

  /** A cached record. */
  public record User(String id, String name) {
    /** Returns this user with another name. */
    public User withName(String newName) {
      return new User(id, newName);
    }
  }

  /** A source of truth in memory: users 1, 42 and 43. */
  public static final class Users {
    private final Map<String, User> users =
        new TreeMap<>(
            Map.of(
                "1", new User("1", "Alan"),
                "42", new User("42", "Ada"),
                "43", new User("43", "Grace")));

    /** Returns a user, or null. */
    public synchronized @Nullable User find(String id) {
      return users.get(id);
    }

    /** Returns the users that exist. */
    public synchronized Map<String, User> findAll(Collection<String> ids) {
      return users.values().stream()
          .filter(user -> ids.contains(user.id()))
          .collect(Collectors.toMap(User::id, user -> user));
    }

    /** Returns a future of a user, or of null. */
    public CompletableFuture<@Nullable User> findAsync(String id) {
      return CompletableFuture.supplyAsync(() -> find(id));
    }

    /** Writes a user and returns it. */
    public synchronized User save(User user) {
      users.put(user.id(), user);
      return user;
    }

    /** Writes a user. */
    public CompletableFuture<User> saveAsync(User user) {
      return CompletableFuture.supplyAsync(() -> save(user));
    }

    /** Deletes a user. */
    public synchronized void delete(String id) {
      users.remove(id);
    }
  }

  /** The source. */
  protected final Users repository = new Users();

  /** A store of this snippet's own. */
  protected final Store store = InMemoryStore.create();

  /** A codec of users. */
  protected final Codec<User> userCodec = JsonCodec.of(User.class);

  /** A cache of this snippet's own, on another store than {@link #store}. */
  protected final CacheAside<String, User> users = CacheAside.builder("users", userCodec).build();

  /** The other face of {@link #users}. */
  protected final AsyncCacheAside<String, User> asyncUsers = users.async();

  /** Runs the snippet. */
  public void run() throws Exception {}
}
