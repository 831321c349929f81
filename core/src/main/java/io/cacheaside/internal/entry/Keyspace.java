package io.cacheaside.internal.entry;

import io.cacheaside.codec.KeyCodec;
import java.util.Objects;

/**
 * The keys of one cache in a store: those of its entries, and those beside them. Colons and percent
 * signs in the name are escaped, so that the first colon ends it and no two pairs of name and key
 * have the same text.
 */
public final class Keyspace<K> {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private final KeyCodec<K> codec;
  private final int maxKeyBytes;
  private final String name;
  private final String prefix;

  public Keyspace(String cacheName, KeyCodec<K> codec, int maxKeyBytes) {
    this.codec = codec;
    this.maxKeyBytes = maxKeyBytes;
    this.name = cacheName.replace("%", "%25").replace(":", "%3A");
    this.prefix = name + ":";
  }

  /** Returns what the text of every key of this cache begins with. */
  public String prefix() {
    return prefix;
  }

  /** Returns whether a key of the store is one of this cache, or beside one. */
  public boolean has(String text) {
    int end = name.length();
    return text.length() > end
        && (text.charAt(end) == ':' || isBeside(text, end))
        && text.startsWith(name);
  }

  /** Tells the kind of a key beside others from an escaped character of a longer name. */
  private static boolean isBeside(String text, int end) {
    return text.charAt(end) == '%' && text.length() > end + 2 && text.charAt(end + 2) == ':';
  }

  public EntryKey<K> of(K key) {
    Objects.requireNonNull(key, "key");
    String encoded = codec.encode(key);
    Objects.requireNonNull(encoded, "the key codec returned null");
    if (encoded.isEmpty()) {
      throw new IllegalArgumentException("key is empty; use a key of at least one character");
    }
    if (encoded.length() > maxKeyBytes) {
      throw tooLong(encoded.length() + " characters");
    }
    String text = prefix.concat(encoded);
    return EntryKey.of(key, text, hash(text));
  }

  /** Returns where the lease of a refresh is: beside the value, which stays while it is loaded. */
  public EntryKey<K> refreshOf(EntryKey<K> key) {
    return EntryKey.of(
        key.key(), beside("r", key.text().substring(prefix.length())), key.hash() ^ 1);
  }

  /** Returns where the id of a tag is. */
  public EntryKey<String> tag(String tag) {
    return named(tag, beside("t", tag));
  }

  /** Returns where one of the ids is by which a whole cache becomes invalid. */
  public EntryKey<String> generation(int bucket) {
    String number = Integer.toString(bucket);
    return named(number, beside("g", number));
  }

  /** Returns where the id is that changes with every tag of the cache. */
  public EntryKey<String> anyTag() {
    return named("any", beside("a", "any"));
  }

  /** A percent sign is always escaped in names, so these keys are never those of a cache. */
  private String beside(String kind, String rest) {
    return name + "%" + kind + ":" + rest;
  }

  private EntryKey<String> named(String key, String text) {
    return EntryKey.of(key, text, hash(text));
  }

  private long hash(String text) {
    long hash = FNV_OFFSET;
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        hash = (hash ^ c) * FNV_PRIME;
        bytes++;
      } else {
        int codePoint = text.codePointAt(i);
        int length = codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
        hash = mixMultiByte(hash, wellFormed(codePoint), length);
        bytes += length;
        i += Character.charCount(codePoint) - 1;
      }
    }
    if (bytes > maxKeyBytes) {
      throw tooLong(bytes + " bytes with the name of the cache");
    }
    return hash;
  }

  private static long mixMultiByte(long hash, int codePoint, int length) {
    int lead = (0xF00 >> length) & 0xFF;
    long mixed = (hash ^ (lead | codePoint >> (6 * (length - 1)))) * FNV_PRIME;
    for (int shift = 6 * (length - 2); shift >= 0; shift -= 6) {
      mixed = (mixed ^ (0x80 | (codePoint >> shift & 0x3F))) * FNV_PRIME;
    }
    return mixed;
  }

  private static int wellFormed(int codePoint) {
    if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
      throw new IllegalArgumentException(
          "key has an unpaired surrogate, so that other keys would have the same UTF-8 form;"
              + " use well-formed text");
    }
    return codePoint;
  }

  private IllegalArgumentException tooLong(String length) {
    return new IllegalArgumentException(
        "key has "
            + length
            + "; maxKeyBytes is "
            + maxKeyBytes
            + ": use a shorter key, such as a hash of it, or raise maxKeyBytes");
  }
}
