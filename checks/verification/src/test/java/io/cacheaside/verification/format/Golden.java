package io.cacheaside.verification.format;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/**
 * A state as it was written when its format came into being.
 *
 * @param name of what was done
 * @param key in the store
 * @param hex the bytes
 */
record Golden(String name, String key, String hex) {

  /** Returns all of one format. */
  static List<Golden> ofFormat(int format) {
    String file = "/format/" + format + ".txt";
    try (InputStream lines = Golden.class.getResourceAsStream(file)) {
      String text =
          new String(Objects.requireNonNull(lines).readAllBytes(), StandardCharsets.UTF_8);
      return text.lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> line.split(" "))
          .map(parts -> new Golden(parts[0], parts[1], parts[2]))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  byte[] state() {
    return HexFormat.of().parseHex(hex);
  }

  /**
   * Returns the time to live in the header, six bytes from the 24th: the one it was written with.
   */
  Duration ttl() {
    return Duration.ofMillis(ByteBuffer.wrap(state()).getLong(22) & 0xFFFF_FFFF_FFFFL);
  }

  @Override
  public String toString() {
    return name;
  }
}
