package io.cacheaside.config;

import io.cacheaside.internal.entry.Printable;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One property below {@code cache-aside}.
 *
 * @param writtenAs its name as it was written
 * @param rest its name below {@code cache-aside}: as it was written if it has dots, or else in
 *     lower case with dashes between words
 * @param layer which source it is from; a higher one takes precedence
 */
record Setting(String writtenAs, String rest, String value, int layer) {
  private static final String ROOT = "cache-aside";
  private static final String CACHES = "caches";

  /** Scopes below the root whose options are not those of all caches. */
  private static final List<String> SCOPES = List.of(CACHES, "redis");

  private static final int LONGEST_SHOWN = 100;
  private static final Pattern CAMEL_HUMP = Pattern.compile("(?<=[a-z])(?=[A-Z])");
  private static final Pattern SERVICE_VARIABLE =
      Pattern.compile(
          "[A-Z0-9_]+_(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)"
              + "|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");
  private static final Pattern SERVICE_ADDRESS = Pattern.compile("(tcp|udp|sctp)://");

  /** Returns a property as a setting of the first layer; null if it is none. */
  static @Nullable Setting of(String writtenAs, String value) {
    String rest = belowRoot(writtenAs);
    return rest == null || isOfKubernetes(writtenAs, Objects.requireNonNull(value, writtenAs))
        ? null
        : new Setting(writtenAs, rest, value, 0);
  }

  private static @Nullable String belowRoot(String name) {
    int dot = name.indexOf('.');
    if (dot >= 0) {
      return separated(name.substring(0, dot)).equals(ROOT) ? name.substring(dot + 1) : null;
    }
    String separated = separated(name);
    return separated.startsWith(ROOT + "-") ? separated.substring(ROOT.length() + 1) : null;
  }

  /** Returns whether a variable says where a service is whose name begins with the root. */
  private static boolean isOfKubernetes(String name, String value) {
    return SERVICE_VARIABLE.matcher(name).matches()
        || (name.endsWith("_PORT") && SERVICE_ADDRESS.matcher(value).lookingAt());
  }

  private static String separated(String name) {
    return CAMEL_HUMP.matcher(name).replaceAll("-").replace('_', '-').toLowerCase(Locale.ROOT);
  }

  /** Returns a name as it stands in one without dots: words of letters and digits. */
  static String dashed(String name) {
    StringBuilder dashed = new StringBuilder(separated(name));
    for (int i = 0; i < dashed.length(); i++) {
      if (!Character.isLetterOrDigit(dashed.charAt(i))) {
        dashed.setCharAt(i, '-');
      }
    }
    return dashed.toString();
  }

  /** Returns the full name of an option of all caches. */
  static String path(String option) {
    return ROOT + "." + option;
  }

  /** Returns the full name of an option of one cache. */
  static String path(String cache, String option) {
    return path(CACHES + "." + cache + "." + option);
  }

  Setting above(int layers) {
    return new Setting(writtenAs, rest, value, layer + layers);
  }

  boolean isOfAllCaches() {
    return SCOPES.stream().allMatch(scope -> below(scope) == null);
  }

  boolean isOfOneCache() {
    return below(CACHES) != null;
  }

  /** Returns the option that is set for all caches; null if there is none. */
  @Nullable String option() {
    return isOfAllCaches() ? separated(rest) : null;
  }

  /** Returns the option of a scope such as {@code redis}; null if it is of another scope. */
  @Nullable String optionIn(String scope) {
    String below = below(scope);
    return below == null ? null : separated(below);
  }

  /** Returns the option of a cache if this names that cache, and maybe others; or else null. */
  @Nullable String optionOf(String cache) {
    String below = below(CACHES);
    String start = nameIn(cache) + separator();
    return below != null && below.startsWith(start)
        ? separated(below.substring(start.length()))
        : null;
  }

  /** Returns the names of caches of which this sets one of these options. */
  List<String> cachesThatHave(Iterable<String> options) {
    return cuts()
        .filter(i -> names(options, separated(belowCaches().substring(i + 1))))
        .mapToObj(i -> belowCaches().substring(0, i))
        .toList();
  }

  /** Returns what may be the name of the cache; null if there is none. */
  @Nullable String presumedCache() {
    return cuts().mapToObj(i -> belowCaches().substring(0, i)).reduce((a, b) -> b).orElse(null);
  }

  private IntStream cuts() {
    String below = belowCaches();
    return IntStream.range(1, below.length()).filter(i -> below.charAt(i) == separator());
  }

  private boolean names(Iterable<String> options, String text) {
    for (String option : options) {
      if (isSpelling(text, option)) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether what stands in this name is an option. */
  boolean isSpelling(String text, String option) {
    return text.equals(hasDots() ? option : dashed(option));
  }

  /** Returns the name of a cache as it stands in this name. */
  String nameIn(String cache) {
    return hasDots() ? cache : dashed(cache);
  }

  /** Returns a full name in the form of this one. */
  String inThisForm(String path) {
    return Printable.of(hasDots() ? path : dashed(path).replace('-', '_').toUpperCase(Locale.ROOT));
  }

  private String belowCaches() {
    String below = below(CACHES);
    return below == null ? "" : below;
  }

  private @Nullable String below(String scope) {
    int end = hasDots() ? rest.indexOf('.') : scope.length();
    boolean isBelow =
        end >= 0
            && end < rest.length()
            && rest.charAt(end) == separator()
            && separated(rest.substring(0, end)).equals(scope);
    return isBelow ? rest.substring(end + 1) : null;
  }

  /** Returns the name of a setting of a scope that was misspelt; null if none is that near. */
  @Nullable String withNearestScope() {
    int dot = hasDots() ? rest.indexOf('.') : -1;
    String start = dot < 0 ? "" : separated(rest.substring(0, dot));
    return SCOPES.stream()
        .filter(scope -> Spelling.isSlip(start, scope))
        .map(scope -> path(scope + rest.substring(dot)))
        .findFirst()
        .orElse(null);
  }

  private boolean hasDots() {
    return writtenAs.indexOf('.') >= 0;
  }

  private char separator() {
    return hasDots() ? '.' : '-';
  }

  /** Returns whether the value has a part that may be a password: what stands before an @. */
  boolean mayHoldSecret() {
    return value.indexOf('@') >= 0;
  }

  /** Returns the value for a message, without what may be a password. */
  String shownValue() {
    int at = value.lastIndexOf('@');
    return shown(at < 0 ? value : "***" + value.substring(at));
  }

  private static String shown(String text) {
    return Printable.of(
        text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "...");
  }

  /** Returns the name for a message, without the value. */
  @Override
  public String toString() {
    return shown(writtenAs);
  }
}
