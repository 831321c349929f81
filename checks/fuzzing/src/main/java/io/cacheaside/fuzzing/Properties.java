package io.cacheaside.fuzzing;

import io.cacheaside.CacheAside;
import io.cacheaside.codec.Codec;
import io.cacheaside.config.PropertyReader;
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
    "cache-aside.max-payload",
    "cache-aside.max-queued-loads",
    "cache-aside.redact-keys",
    "cache-aside.hold-off"
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
    Map<String, String> properties = new HashMap<>();
    while (in.left() > 0 && properties.size() < NAMES.length) {
      int name = in.below(NAMES.length + 1);
      properties.put(name < NAMES.length ? NAMES[name] : "cache-aside." + in.text(), in.text());
    }
    refused(() -> CacheAside.builder("users", Codec.string()).properties(properties));
  }

  private static void value(String text) {
    Map<String, String> properties = Map.of("p.option", text);
    reader(properties, p -> p.duration("option", value -> notNull(value)));
    reader(properties, p -> p.bytes("option", value -> sized(text, value)));
    reader(properties, p -> p.integer("option", value -> notNull(value)));
    reader(properties, p -> p.decimal("option", value -> finite(value)));
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
    Map<String, String> properties = Map.of("p.password", secret, "p.pasword", secret);
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
  }

  private static void reader(Map<String, String> properties, Consumer<PropertyReader> reading) {
    refused(() -> reading.accept(PropertyReader.of(properties, "p")));
  }

  private static void reader(
      Map<String, String> properties, Consumer<PropertyReader> reading, String secret) {
    String reason =
        refused(
            () -> {
              PropertyReader reader = PropertyReader.of(properties, "p");
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
    } catch (IllegalArgumentException refused) {
      StringWriter all = new StringWriter();
      refused.printStackTrace(new PrintWriter(all));
      return all.toString();
    }
  }
}
