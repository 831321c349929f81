package io.cacheaside.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cacheaside.store.StoreException.Reason;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server says about itself in its answer to <a
 * href="https://redis.io/docs/latest/commands/hello/">HELLO</a>, which needs no permission.
 */
record Hello(String server, String version, String mode, String role) {
  private static final Pattern MAJOR_MINOR = Pattern.compile("(\\d+)\\.(\\d+).*");

  /** Reads the pairs of names and values. */
  static Hello of(List<?> answer) {
    List<?> pairs = answer.size() == 1 && answer.get(0) instanceof List<?> it ? it : answer;
    Map<String, String> fields = new HashMap<>();
    for (int i = 0; i + 1 < pairs.size(); i += 2) {
      fields.put(text(pairs.get(i)), text(pairs.get(i + 1)));
    }
    return new Hello(
        fields.getOrDefault("server", "redis"),
        fields.getOrDefault("version", "0.0"),
        fields.getOrDefault("mode", "standalone"),
        fields.getOrDefault("role", "master"));
  }

  static String text(Object value) {
    return value instanceof byte[] bytes ? new String(bytes, UTF_8) : Objects.toString(value);
  }

  /** Refuses a server that is too old or of another kind than the settings say. */
  void check(RedisSettings settings) {
    if (!isNewEnough()) {
      throw new RedisConnectException(
          Reason.REFUSED,
          "%s is %s %s: too old. It needs Redis 7.0, Valkey 7.2, or newer"
              .formatted(settings.address(), server, version),
          null);
    }
    boolean fits = mode.equals(settings.topology() == Topology.CLUSTER ? "cluster" : "standalone");
    if (!fits) {
      throw new RedisConnectException(
          Reason.REFUSED,
          "%s is in %s mode: use %s"
              .formatted(
                  settings.address(),
                  mode,
                  mode.equals("standalone") ? "redis://" : "redis-" + mode + "://"),
          null);
    }
  }

  private boolean isNewEnough() {
    Matcher matcher = MAJOR_MINOR.matcher(version);
    if (!matcher.matches()) {
      return false;
    }
    int major = Integer.parseInt(matcher.group(1));
    int minor = Integer.parseInt(matcher.group(2));
    return major > 7 || (major == 7 && minor >= (server.equals("valkey") ? 2 : 0));
  }

  boolean isPrimary() {
    return role.equals("master");
  }
}
