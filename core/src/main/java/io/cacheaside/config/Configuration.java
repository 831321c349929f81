package io.cacheaside.config;

import io.cacheaside.internal.entry.Printable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Options of caches and stores as text, such as an application's properties and its environment.
 * One configuration serves the store and all caches:
 *
 * <pre>{@code
 * Configuration configuration =
 *     Configuration.of(properties).overriddenBy(Configuration.of(System.getenv()));
 * RedisStore redis = RedisStore.builder().configuration(configuration).connect();
 * CacheAside<String, User> users =
 *     CacheAside.builder("users", codec).store(redis).configuration(configuration).build();
 * configuration.requireAllUsed();
 * }</pre>
 *
 * <p><b>Names.</b> {@code cache-aside.ttl} is an option of all caches, {@code
 * cache-aside.caches.users.ttl} one of the cache {@code users}, {@code cache-aside.redis.host} one
 * of the Redis store. Properties that do not begin with {@code cache-aside} are ignored.
 *
 * <ul>
 *   <li>With dots, as in a file: case does not matter, and dashes, underscores and camel case
 *       separate words. {@code cacheAside.redis.connectTimeout} is {@code
 *       cache-aside.redis.connect-timeout}. The name of a cache is written exactly as it is.
 *   <li>Without dots, as in the environment: underscores stand for dots and dashes, as in {@code
 *       CACHE_ASIDE_CACHES_USERS_NEAR_CACHE_MAX_ENTRIES}. In the name of a cache an underscore
 *       stands for each character that is no letter or digit, and separates words in camel case. So
 *       {@code CACHE_ASIDE_CACHES_USER_PROFILES_TTL} is for {@code user-profiles} as well as for
 *       {@code userProfiles}. A variable that two caches would read is refused for the second one;
 *       names with dots tell them apart.
 *   <li>Variables that Kubernetes sets for a service whose name begins with {@code cache-aside} are
 *       ignored: {@code CACHE_ASIDE_REDIS_SERVICE_HOST}, {@code CACHE_ASIDE_REDIS_PORT_6379_TCP}
 *       and the like, and {@code CACHE_ASIDE_REDIS_PORT} if its value begins with {@code tcp://},
 *       {@code udp://} or {@code sctp://}.
 * </ul>
 *
 * <p><b>Precedence.</b> An option of one cache takes precedence over that of all caches, whatever
 * their sources. Otherwise the overriding source takes precedence. One source that sets an option
 * under two spellings is refused.
 *
 * <p>What is configured is immutable. The configuration only remembers what was used, for {@link
 * #requireAllUsed}. Thread-safe. It shows no values, as they may be secret.
 */
public final class Configuration {
  private final List<Setting> settings;
  private final Set<Setting> used = ConcurrentHashMap.newKeySet();
  private final Map<Setting, String> cacheOf = new ConcurrentHashMap<>();
  private final Set<String> caches = ConcurrentHashMap.newKeySet();
  private final Set<String> cacheOptions = ConcurrentHashMap.newKeySet();

  private Configuration(List<Setting> settings) {
    this.settings = settings;
  }

  /**
   * Returns the configuration of properties, or of environment variables such as {@link
   * System#getenv()}. Copies what it needs.
   *
   * @throws NullPointerException if a name or value below {@code cache-aside} is null
   */
  public static Configuration of(Map<String, String> properties) {
    List<Setting> settings = new ArrayList<>();
    properties.forEach(
        (name, value) -> {
          Setting setting = Setting.of(Objects.requireNonNull(name, "name"), value);
          if (setting != null) {
            settings.add(setting);
          }
        });
    return new Configuration(sorted(settings));
  }

  /** Returns the configuration of properties and their defaults. Copies what it needs. */
  public static Configuration of(Properties properties) {
    return of(
        properties.stringPropertyNames().stream()
            .collect(Collectors.toMap(name -> name, properties::getProperty)));
  }

  private static List<Setting> sorted(List<Setting> settings) {
    return settings.stream().sorted(Comparator.comparing(Setting::writtenAs)).toList();
  }

  /**
   * Returns a configuration with the settings of both, in which those of the other one take
   * precedence. It remembers itself which of them were used.
   */
  public Configuration overriddenBy(Configuration other) {
    int layers = 1 + settings.stream().mapToInt(Setting::layer).max().orElse(0);
    List<Setting> all = new ArrayList<>(settings);
    other.settings.forEach(setting -> all.add(setting.above(layers)));
    return new Configuration(sorted(all));
  }

  /** Returns a reader of the options of a cache. For the builder of caches. */
  public PropertyReader cache(String name) {
    caches.add(name);
    List<PropertyReader.Found> found = new ArrayList<>();
    for (Setting setting : settings) {
      String general = setting.option();
      String own = setting.optionOf(name);
      if (general != null) {
        found.add(new PropertyReader.Found(setting, Setting.path(""), general, false));
      } else if (own != null) {
        found.add(new PropertyReader.Found(setting, Setting.path(name, ""), own, true));
      }
    }
    return new PropertyReader(this, name, found);
  }

  /**
   * Returns a reader of the options of a kind of store. For the builders of stores.
   *
   * @param kind such as {@code redis}
   */
  public PropertyReader store(String kind) {
    List<PropertyReader.Found> found = new ArrayList<>();
    for (Setting setting : settings) {
      String option = setting.optionIn(kind);
      if (option != null) {
        found.add(new PropertyReader.Found(setting, Setting.path(kind + "."), option, false));
      }
    }
    return new PropertyReader(this, null, found);
  }

  /**
   * Notes that a setting was used.
   *
   * @param cache the cache for which it sets an option of its own, or null
   */
  void use(Setting setting, @Nullable String cache, String option) {
    used.add(setting);
    String other = cache == null ? null : cacheOf.putIfAbsent(setting, cache);
    if (cache != null && other != null && !other.equals(cache)) {
      throw new IllegalArgumentException(
          "%s may be for the cache '%s' or for '%s'. Use a name with dots, such as %s"
              .formatted(
                  setting,
                  Printable.of(other),
                  Printable.of(cache),
                  Printable.of(Setting.path(cache, option))));
    }
  }

  void cachesHave(Set<String> options) {
    cacheOptions.addAll(options);
  }

  /**
   * Checks that all settings were used, by builders that were given this configuration before. So a
   * misspelt name of a cache does not go unnoticed.
   *
   * @throws IllegalStateException with a line for each setting that was not, and the nearest name
   */
  public void requireAllUsed() {
    String unused =
        settings.stream()
            .filter(setting -> !used.contains(setting))
            .map(setting -> setting + ": " + whyUnused(setting))
            .collect(Collectors.joining("\n"));
    if (!unused.isEmpty()) {
      throw new IllegalStateException(unused);
    }
  }

  private String whyUnused(Setting setting) {
    if (setting.isOfOneCache()) {
      return noCache(setting);
    }
    return setting.isOfAllCaches() ? "no cache was built" : "no store was built that reads it";
  }

  private String noCache(Setting setting) {
    String name = setting.presumedCache();
    if (name == null) {
      return "it names no cache; use " + Setting.path("<name>", "<option>");
    }
    List<String> possible = setting.cachesThatHave(cacheOptions);
    List<String> names = possible.isEmpty() ? List.of(name) : possible;
    return caches.stream()
        .sorted()
        .flatMap(cache -> names.stream().map(it -> new Slip(it, setting.nameIn(cache), cache)))
        .min(Comparator.comparingInt(Slip::distance))
        .map(Slip::text)
        .orElse("no cache was built");
  }

  /** A name that no cache has, and a cache that may be meant. */
  private record Slip(String name, String meant, String cache) {
    int distance() {
      return Spelling.changes(name, meant);
    }

    String text() {
      return "no cache '%s' was built; the nearest is '%s'"
          .formatted(Printable.of(name), Printable.of(cache));
    }
  }

  /** Returns the names of the settings, without their values. */
  @Override
  public String toString() {
    return "Configuration" + settings;
  }
}
