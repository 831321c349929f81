package io.cacheaside.fuzzing;

import io.cacheaside.redis.RedisStore;
import org.jspecify.annotations.Nullable;

/** A text is an URI or refused with its reason, which does not show what a password may be. */
public final class RedisUris {
  private static final String SECRET = "s3cretW0rd";

  private RedisUris() {}

  /** One byte that says whether the rest is all of an URI or what is around its password. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    Input in = new Input(bytes);
    if (in.flag()) {
      refusal(Input.text(in.rest()));
      return;
    }
    String before = in.text();
    String after = Input.text(in.rest());
    if (before.contains("@") || after.contains(SECRET)) {
      return;
    }
    String reason = refusal(before + ":" + SECRET + "@" + after);
    Violation.unless(reason == null || !reason.contains(SECRET), "the password is in: %s", reason);
  }

  private static @Nullable String refusal(String uri) {
    try {
      RedisStore.builder().uri(uri);
      return null;
    } catch (IllegalArgumentException refused) {
      return String.valueOf(refused);
    }
  }
}
