package io.cacheaside.fuzzing;

import io.cacheaside.CacheAside;
import io.cacheaside.codec.Codec;
import io.cacheaside.config.Configuration;
import io.cacheaside.config.PropertyReader;
import io.cacheaside.redis.RedisStore;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.DayOfWeek;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Options out of text are read or refused with the reason, in which no secret is. */
public final class Properties {
  private static final String[] NAMES = {
    "cache-aside.ttl",
    "CACHE_ASIDE_TTL",
    "cache-aside.caches.users.ttl",
    "cacheAside.ttlJitter",
    "cache-aside.max-payload-bytes",
    "cache-aside.max-queued-loads",
    "cache-aside.redact-keys",
    "cache-aside.hold-off",
    "CACHE_ASIDE_CACHES_USERS_ABSENT_TTL",
    "cache-aside.near-cache.max-entries",
    "cache-aside.caches.users.near-cache.max-bytes",
    "CACHE_ASIDE_NEAR_CACHE_MAX_STALENESS",
    "cache-aside.load-retry.max-delay",
    "CACHE_ASIDE_LOAD_RETRY_MAX_ATTEMPTS",
    "cache-aside.failure-backoff.longest",
    "CACHE_ASIDE_REDIS_NODES"
  };

  private Properties() {}

  /** One byte that says what follows: one text of each kind of value, or any properties. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    Input in = new Input(bytes);
    switch (in.below(3)) {
      case 0 -> value(Input.text(in.rest()));
      case 1 -> properties(in);
      default -> secret(Input.text(in.rest()));
    }
  }

  private static void properties(Input in) {
    Configuration configuration =
        Configuration.of(some(in)).overriddenBy(Configuration.of(some(in)));
    refused(() -> CacheAside.builder("users", Codec.string()).configuration(configuration));
    refused(() -> CacheAside.builder(name(in), Codec.string()).configuration(configuration));
    refused(() -> RedisStore.builder().configuration(configuration));
    refused(configuration::requireAllUsed);
  }

  private static Map<String, String> some(Input in) {
    Map<String, String> properties = new HashMap<>();
    for (int wanted = in.below(NAMES.length); wanted > 0 && in.left() > 0; wanted--) {
      int name = in.below(NAMES.length + 2);
      properties.put(
          switch (name - NAMES.length) {
            case 0 -> "cache-aside." + in.text();
            case 1 -> "CACHE_ASIDE_CACHES_" + in.text();
            default -> NAMES[name];
          },
          in.text());
    }
    return properties;
  }

  private static String name(Input in) {
    String name = in.text();
    return name.isBlank() ? "users-absent" : name;
  }

  private static void value(String text) {
    Map<String, String> properties = Map.of("cache-aside.p.option", text);
    reader(properties, p -> p.duration("option", value -> notNull(value)));
    reader(properties, p -> p.bytes("option", value -> sized(text, value)));
    reader(properties, p -> p.integer("option", value -> notNull(value)));
    reader(properties, p -> p.decimal("option", value -> finite(value)));
    reader(properties, p -> p.fraction("option", value -> finite(value)));
    reader(properties, p -> p.bool("option", value -> notNull(value)));
    reader(properties, p -> p.choice("option", DayOfWeek.class, value -> notNull(value)));
    reader(
        properties, p -> p.string("option", value -> Violation.unlessEqual("text", value, text)));
  }

  private static void notNull(Object value) {
    Violation.unless(value != null, "null was read");
  }

  private static void finite(double value) {
    Violation.unless(Double.isFinite(value), "%s was read", value);
  }

  private static void sized(String text, long value) {
    Violation.unless(value >= 0, "%d bytes were read from %s", value, text);
  }

  private static void secret(String text) {
    String secret = "s3cretW0rd" + text;
    Map<String, String> properties =
        Map.of("cache-aside.p.password", secret, "cache-aside.p.pasword", secret);
    reader(
        properties,
        p ->
            p.secret(
                "password",
                value -> {
                  throw new IllegalArgumentException("this is bad: " + new String(value));
                }),
        secret);
    reader(properties, p -> {}, secret);
    Map<String, String> inUri = Map.of("cache-aside.p.host", secret + "@host");
    reader(inUri, p -> p.integer("host", value -> notNull(value)), secret);
    reader(inUri, p -> p.string("host", Properties::refuse), secret);
    Violation.unless(
        !Configuration.of(properties).toString().contains(secret), "the secret is shown");
  }

  private static void refuse(String value) {
    throw new IllegalArgumentException("this is bad: " + value);
  }

  private static void reader(Map<String, String> properties, Consumer<PropertyReader> reading) {
    refused(() -> reading.accept(Configuration.of(properties).store("p")));
  }

  private static void reader(
      Map<String, String> properties, Consumer<PropertyReader> reading, String secret) {
    String reason =
        refused(
            () -> {
              PropertyReader reader = Configuration.of(properties).store("p");
              reading.accept(reader);
              reader.finish();
            });
    Violation.unless(!reason.contains(secret), "the secret is in: %s", reason);
  }

  /** Returns everything that a refusal says; empty if there was none. */
  private static String refused(Runnable reading) {
    try {
      reading.run();
      return "";
    } catch (IllegalArgumentException | IllegalStateException refused) {
      StringWriter all = new StringWriter();
      refused.printStackTrace(new PrintWriter(all));
      return all.toString();
    }
  }
}
