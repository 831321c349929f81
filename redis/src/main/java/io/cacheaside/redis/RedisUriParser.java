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
 * Reads the URI of a Redis, or says what to write instead.
 *
 * <p>The text may hold a password, and a wrong one may hold it anywhere. So a message shows only
 * what follows the last {@code @}, and ends before a port that is no number and before parameters.
 */
final class RedisUriParser {
  private static final String SEPARATOR = "://";
  private static final Pattern SCHEME = Pattern.compile("[a-z][a-z0-9+.-]*");
  private static final Pattern ENCRYPTED_SCHEME = Pattern.compile("ss|tls|https|keys");
  private static final Pattern UNESCAPED = Pattern.compile("[@/?#]");
  private static final Pattern DATABASE_PARAMETER = Pattern.compile("[?&](db|database)=");

  /** What follows user and password. Any text matches. */
  private static final Pattern SERVERS =
      Pattern.compile(
          "(?<nodes>[^/?#]*)(?<path>/[^?#]*)?(?<query>\\?[^#]*)?(?:#(?<master>.*))?",
          Pattern.DOTALL);

  private static final Pattern PATH = Pattern.compile("/*(?<database>\\d{0,9})/*");

  /** What a message may show: no parameter, and a colon only where it cannot begin a password. */
  private static final Pattern SHOWN =
      Pattern.compile("[^:?\\[]+|:(?=//|\\d{1,5}(?:[,/?#]|$))|\\[[0-9a-fA-F:.]*(?:%\\w+)?]");

  private final String text;

  RedisUriParser(String text) {
    this.text = text;
  }

  RedisUri parsed() {
    int schemeEnd = text.indexOf(SEPARATOR);
    String scheme = text.substring(0, Math.max(0, schemeEnd)).toLowerCase(Locale.ROOT);
    Topology topology = topology(scheme);
    String rest = text.substring(schemeEnd + SEPARATOR.length());
    int secretEnd = rest.lastIndexOf('@');
    String[] user = userAndPassword(rest, secretEnd);
    Matcher servers = servers(rest.substring(secretEnd + 1));
    return new RedisUri(
        topology,
        scheme.startsWith("rediss"),
        user[0].isEmpty() ? null : decoded(user[0]),
        user[1].isEmpty() ? null : decoded(user[1]).toCharArray(),
        nodes(servers.group("nodes"), topology),
        database(servers.group("path")),
        sentinelMaster(servers.group("master"), topology));
  }

  // ---- Scheme ---------------------------------------------------------------------------------

  private Topology topology(String scheme) {
    check(
        SCHEME.matcher(scheme).matches(),
        "begin with a scheme, as in redis://[user:password@]host[:port][/database]");
    return Arrays.stream(Topology.values())
        .filter(it -> scheme.equals(it.scheme(true)) || scheme.equals(it.scheme(false)))
        .findFirst()
        .orElseThrow(() -> refused(schemes(scheme)));
  }

  private static String schemes(String scheme) {
    return "the scheme is redis, redis-sentinel or redis-cluster, with TLS rediss, rediss-sentinel"
        + " or rediss-cluster; the nearest one is "
        + nearest(scheme);
  }

  /** Returns the scheme that says the same as the one of another client. */
  private static String nearest(String scheme) {
    boolean tls = ENCRYPTED_SCHEME.matcher(scheme).find();
    Topology topology =
        scheme.contains("sent")
            ? Topology.SENTINEL
            : scheme.contains("clu") ? Topology.CLUSTER : Topology.STANDALONE;
    return topology.scheme(tls);
  }

  // ---- User and password ----------------------------------------------------------------------

  private String[] userAndPassword(String rest, int end) {
    if (end < 0) {
      return new String[] {"", ""};
    }
    String user = rest.substring(0, end);
    check(
        !UNESCAPED.matcher(user).find(),
        "percent-encode user and password: @ as %40, / as %2F, ? as %3F, # as %23");
    int colon = user.indexOf(':');
    check(
        colon >= 0,
        "write :password@ for a password alone, or user:password@; clients differ on whether what"
            + " has no colon is a password or a user");
    return new String[] {user.substring(0, colon), user.substring(colon + 1)};
  }

  /** Unlike {@link java.net.URLDecoder}, leaves a plus sign alone. */
  private String decoded(String encoded) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < encoded.length(); ) {
      if (encoded.charAt(i) == '%') {
        bytes.write(decodedByte(encoded, i));
        i += 3;
      } else {
        int end = encoded.indexOf('%', i);
        bytes.writeBytes(encoded.substring(i, end < 0 ? encoded.length() : end).getBytes(UTF_8));
        i = end < 0 ? encoded.length() : end;
      }
    }
    return bytes.toString(UTF_8);
  }

  private int decodedByte(String encoded, int start) {
    int value = start + 3 <= encoded.length() ? hexByte(encoded, start + 1) : -1;
    check(value >= 0, "write a percent sign in the user or password as %25");
    return value;
  }

  private static int hexByte(String encoded, int start) {
    int high = Character.digit(encoded.charAt(start), 16);
    int low = Character.digit(encoded.charAt(start + 1), 16);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
  }

  // ---- Servers --------------------------------------------------------------------------------

  private Matcher servers(String rest) {
    Matcher servers = SERVERS.matcher(rest);
    boolean plain = servers.matches() && servers.group("query") == null;
    check(
        plain,
        DATABASE_PARAMETER.matcher(rest).find()
            ? "write the database as /1 behind the host; there are no parameters"
            : "set options at the builder or as properties; there are no parameters");
    return servers;
  }

  private List<Node> nodes(String nodes, Topology topology) {
    check(!nodes.isEmpty(), "name a host behind the ://, as in redis://localhost:6379");
    try {
      return Arrays.stream(nodes.split(",", -1))
          .map(node -> Node.parse(node, topology.defaultPort()))
          .toList();
    } catch (IllegalArgumentException e) {
      throw refused(String.valueOf(e.getMessage()));
    }
  }

  private int database(@Nullable String path) {
    Matcher matcher = PATH.matcher(path == null ? "" : path);
    check(matcher.matches(), "write the number of the database behind the host, such as /1");
    String number = matcher.group("database");
    return number.isEmpty() ? 0 : Integer.parseInt(number);
  }

  private @Nullable String sentinelMaster(@Nullable String name, Topology topology) {
    check(
        name == null || topology == Topology.SENTINEL,
        "a #name goes with redis-sentinel:// only; write a # in the user or password as %23");
    check(
        name == null || !name.isEmpty(),
        "write the name by which the Sentinels know the primary behind the #");
    return name;
  }

  // ---- Refusing -------------------------------------------------------------------------------

  private void check(boolean condition, String fix) {
    if (!condition) {
      throw refused(fix);
    }
  }

  private IllegalArgumentException refused(String fix) {
    return new IllegalArgumentException("uri is '%s'; %s".formatted(shown(), fix));
  }

  private String shown() {
    int secretEnd = text.lastIndexOf('@');
    String rest = text.substring(secretEnd + 1);
    int end = 0;
    Matcher part = SHOWN.matcher(rest);
    while (end < rest.length() && part.region(end, rest.length()).lookingAt()) {
      end = part.end();
    }
    return (secretEnd < 0 ? "" : "***@")
        + rest.substring(0, end)
        + (end < rest.length() ? "***" : "");
  }
}
