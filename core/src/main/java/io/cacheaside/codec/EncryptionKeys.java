package io.cacheaside.codec;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The keys of an {@link EncryptingCodec}: one that encrypts, and any number of others that only
 * decrypt. Each has an id, which stands in plain text in what it encrypts.
 *
 * <pre>{@code
 * EncryptionKeys keys = EncryptionKeys.of("2026-11", key).alsoReading("2026-05", formerKey);
 * }</pre>
 *
 * <p><b>Ids</b> have 1 to 32 characters from {@code '!'} to {@code '~'}, that is printable ASCII
 * without the space. An id belongs to one key for ever: a key that is replaced under its id leaves
 * entries that nobody can read. The date from which a key is used makes a good id.
 *
 * <p><b>Keys</b> are AES keys (FIPS 197) of 128, 192 or 256 bits. They have to come from a random
 * generator or a key service; the bytes of a password are no key. Their bytes are copied, so the
 * caller may erase its own. A key whose bytes cannot be read, because it never leaves a device, is
 * refused: each read of the cache would have to ask that device.
 *
 * <p>Immutable and therefore thread-safe. {@link #toString} shows ids only. There is no way to get
 * a key out, and no equality but identity.
 */
public final class EncryptionKeys {
  private static final String ALGORITHM = "AES";
  private static final int MAX_ID_CHARACTERS = 32;

  private final String currentId;
  private final SecretKey current;
  private final Map<String, SecretKey> others;

  private EncryptionKeys(String currentId, SecretKey current, Map<String, SecretKey> others) {
    this.currentId = currentId;
    this.current = current;
    this.others = others;
  }

  /**
   * Returns a set of one key, which encrypts and decrypts.
   *
   * @throws IllegalArgumentException if the id or the key is not as described above; the message
   *     contains neither the key nor an id that is none
   */
  public static EncryptionKeys of(String id, SecretKey key) {
    return new EncryptionKeys(checked(id), copyOf(id, key), Map.of());
  }

  /**
   * Returns a set of one key, which encrypts and decrypts.
   *
   * @param key 16, 24 or 32 bytes; copied
   * @throws IllegalArgumentException if the id or the key is not as described above; the message
   *     contains neither the key nor an id that is none
   */
  public static EncryptionKeys of(String id, byte[] key) {
    return new EncryptionKeys(checked(id), copyOf(id, key), Map.of());
  }

  /**
   * Returns these keys and one more, which only decrypts: a former key whose entries have not
   * expired yet, or the next one, before the first process encrypts with it.
   *
   * @throws IllegalArgumentException if the id or the key is not as described above, or the id is
   *     there already; the message contains neither the key nor an id that is none
   */
  public EncryptionKeys alsoReading(String id, SecretKey key) {
    return with(checked(id), copyOf(id, key));
  }

  /**
   * Returns these keys and one more, which only decrypts: a former key whose entries have not
   * expired yet, or the next one, before the first process encrypts with it.
   *
   * @param key 16, 24 or 32 bytes; copied
   * @throws IllegalArgumentException if the id or the key is not as described above, or the id is
   *     there already; the message contains neither the key nor an id that is none
   */
  public EncryptionKeys alsoReading(String id, byte[] key) {
    return with(checked(id), copyOf(id, key));
  }

  private EncryptionKeys with(String id, SecretKey key) {
    if (find(id) != null) {
      throw new IllegalArgumentException(
          "id '" + id + "' is there already; give each key an id of its own");
    }
    Map<String, SecretKey> more = new LinkedHashMap<>(others);
    more.put(id, key);
    return new EncryptionKeys(currentId, current, more);
  }

  /** Returns an id that is one. Others may be keys by mistake and are in no message. */
  private static String checked(String id) {
    Objects.requireNonNull(id, "id");
    if (id.isEmpty() || id.length() > MAX_ID_CHARACTERS) {
      throw new IllegalArgumentException(
          "id has %d characters; use 1 to %d".formatted(id.length(), MAX_ID_CHARACTERS));
    }
    if (!isId(id)) {
      throw new IllegalArgumentException(
          "id has characters that ids cannot have; use printable ASCII without spaces");
    }
    return id;
  }

  /** Returns whether a text can be the id of a key. */
  static boolean isId(String text) {
    return !text.isEmpty()
        && text.length() <= MAX_ID_CHARACTERS
        && text.chars().allMatch(c -> c >= '!' && c <= '~');
  }

  private static SecretKey copyOf(String id, SecretKey key) {
    Objects.requireNonNull(key, "key");
    if (!ALGORITHM.equalsIgnoreCase(key.getAlgorithm())) {
      throw new IllegalArgumentException(
          "key '%s' is one for %s; use an AES key".formatted(id, key.getAlgorithm()));
    }
    byte[] bytes = key.getEncoded();
    if (bytes == null) {
      throw new IllegalArgumentException(
          "key '%s' does not give its bytes; use an AES key that does".formatted(id));
    }
    try {
      return copyOf(id, bytes);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  private static SecretKey copyOf(String id, byte[] key) {
    Objects.requireNonNull(key, "key");
    if (key.length != 16 && key.length != 24 && key.length != 32) {
      throw new IllegalArgumentException(
          "key '%s' has %,d bits; use an AES key of 128, 192 or 256 bits"
              .formatted(id, (long) key.length * Byte.SIZE));
    }
    return new SecretKeySpec(key, ALGORITHM);
  }

  String currentId() {
    return currentId;
  }

  SecretKey current() {
    return current;
  }

  /** Returns the key of an id; null if it is not among these. */
  @Nullable SecretKey find(String id) {
    return id.equals(currentId) ? current : others.get(id);
  }

  /** Returns the ids, without the keys. */
  @Override
  public String toString() {
    return "EncryptionKeys[current=" + currentId + ", alsoReading=" + others.keySet() + "]";
  }
}
