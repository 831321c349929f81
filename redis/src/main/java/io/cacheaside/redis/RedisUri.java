package io.cacheaside.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the URI of a Redis says, see {@link RedisStoreBuilder#uri} for its grammar. Its text may
 * hold a password, so no message shows what stands before the last {@code @}.
 */
@SuppressWarnings("ArrayRecordComponent")
record RedisUri(
    Topology topology,
    boolean tls,
    @Nullable String username,
    char @Nullable [] password,
    List<Node> nodes,
    int database,
    @Nullable String sentinelMaster) {
  private static final Pattern FORM =
      Pattern.compile(
          "(?<scheme>[a-z-]+)://(?:(?<user>[^@/]*)@)?(?<nodes>[^@/?#]+)(?:/(?<database>\\d{0,9}))?"
              + "(?:#(?<master>[^#]+))?");

  static final RedisUri NOTHING =
      new RedisUri(Topology.STANDALONE, false, null, null, List.of(), 0, null);

  static RedisUri parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw refused(text, fix(text));
    }
    String scheme = matcher.group("scheme");
    Topology topology = topology(text, scheme);
    if (matcher.group("master") != null && topology != Topology.SENTINEL) {
      throw refused(text, "a #name goes with redis-sentinel:// only");
    }
    String[] user = userAndPassword(text, matcher.group("user"));
    return new RedisUri(
        topology,
        scheme.startsWith("rediss"),
        user[0].isEmpty() ? null : decoded(text, user[0]),
        user[1].isEmpty() ? null : decoded(text, user[1]).toCharArray(),
        nodes(matcher.group("nodes"), topology),
        database(matcher.group("database")),
        matcher.group("master"));
  }

  /** Returns how to write a text that has not the form of an URI. */
  private static String fix(String text) {
    int start = text.indexOf("://");
    String scheme = text.substring(0, Math.max(0, start));
    String rest = text.substring(start < 0 ? 0 : start + 3);
    int secretEnd = rest.lastIndexOf('@');
    String secret = rest.substring(0, Math.max(0, secretEnd));
    if (!scheme.equals(scheme.toLowerCase(Locale.ROOT))) {
      return "write the scheme in lower case";
    }
    if (secret.indexOf('@') >= 0 || secret.indexOf('/') >= 0) {
      return "write an @ in the user or password as %40, and a / as %2F";
    }
    if (rest.indexOf('?', secretEnd + 1) >= 0) {
      return "it takes no parameters; write the database as /1, and set other options at the"
          + " builder";
    }
    return "use redis://[user:password@]host[:port][/database]";
  }

  private static Topology topology(String text, String scheme) {
    return Arrays.stream(Topology.values())
        .filter(it -> scheme.equals(it.scheme(true)) || scheme.equals(it.scheme(false)))
        .findFirst()
        .orElseThrow(
            () ->
                refused(
                    text,
                    "the scheme is redis, redis-sentinel or redis-cluster, with TLS rediss,"
                        + " rediss-sentinel or rediss-cluster"));
  }

  private static String[] userAndPassword(String text, @Nullable String user) {
    if (user == null) {
      return new String[] {"", ""};
    }
    int colon = user.indexOf(':');
    if (colon < 0) {
      throw refused(
          text,
          "write :password@ for a password alone, or user:password@; clients differ on whether what"
              + " has no colon is a password or a user");
    }
    return new String[] {user.substring(0, colon), user.substring(colon + 1)};
  }

  private static List<Node> nodes(String text, Topology topology) {
    return Arrays.stream(text.split(",", -1))
        .map(node -> Node.parse(node, topology.defaultPort()))
        .toList();
  }

  private static int database(@Nullable String text) {
    return text == null || text.isEmpty() ? 0 : Integer.parseInt(text);
  }

  /** Unlike {@link java.net.URLDecoder}, leaves a plus sign alone. */
  private static String decoded(String uri, String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); ) {
      if (text.charAt(i) == '%') {
        bytes.write(decodedByte(uri, text, i));
        i += 3;
      } else {
        int end = text.indexOf('%', i);
        bytes.writeBytes(text.substring(i, end < 0 ? text.length() : end).getBytes(UTF_8));
        i = end < 0 ? text.length() : end;
      }
    }
    return bytes.toString(UTF_8);
  }

  private static int decodedByte(String uri, String text, int start) {
    int value = start + 3 <= text.length() ? hexByte(text, start + 1) : -1;
    if (value < 0) {
      throw refused(uri, "write a percent sign in the user or password as %25");
    }
    return value;
  }

  private static int hexByte(String text, int start) {
    int high = Character.digit(text.charAt(start), 16);
    int low = Character.digit(text.charAt(start + 1), 16);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
  }

  private static IllegalArgumentException refused(String text, String fix) {
    int secretEnd = text.lastIndexOf('@');
    String shown = secretEnd < 0 ? text : "***" + text.substring(secretEnd);
    return new IllegalArgumentException("uri is '%s'; %s".formatted(shown, fix));
  }

  /** Shows no password. */
  @Override
  public String toString() {
    return topology.scheme(tls) + "://" + nodes;
  }
}
