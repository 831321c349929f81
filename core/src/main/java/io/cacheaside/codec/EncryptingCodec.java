package io.cacheaside.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Supplier;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * A codec that encrypts and authenticates what another codec encodes, with AES in Galois/Counter
 * Mode (NIST SP 800-38D) as the JDK has it.
 *
 * <p>Who reads the store, its snapshots or its traffic sees no value. Who writes to the store can
 * make no value up and cannot change one, nor move it: the name of the cache and the key are
 * authenticated together with it, so that the bytes of one entry do not decrypt as another one. A
 * payload is, in this order:
 *
 * <pre>
 * 1 byte           version: 1
 * 1 byte           length of the id of the key
 * 1 to 32 bytes    id of the key, in ASCII
 * 12 bytes         nonce, from a {@link SecureRandom}
 * the rest         ciphertext, as long as the plain text, and a tag of 16 bytes
 * </pre>
 *
 * <p>Authenticated besides is all that precedes the ciphertext, followed by the place in UTF-8. A
 * call without a place is one with the empty place, which no entry of a cache has.
 *
 * <p><b>Not hidden</b> are the texts of keys, the name of the cache, when and how often something
 * is written, the id of the key, and the exact length of what was encrypted. Where an attacker can
 * have text of their own stored together with a secret, in one value, compression makes the length
 * depend on the secret (as in the CRIME attack on TLS): do not compress such values. <b>Not
 * prevented</b> is that someone who can write to the store removes entries, changes their time to
 * live, puts back what once was the value of the same key, or makes the cache believe that the
 * source has nothing for it: an absence has no payload.
 *
 * <p><b>Limits.</b> A payload is 30 bytes and the id longer than what the other codec returns.
 * Nonces are random, so with one key no more than 2<sup>32</sup> values may be encrypted (SP
 * 800-38D, 8.3), counted over all processes and caches that use it: with more, two values with the
 * same nonce become likely enough to matter, and those reveal each other and let payloads be
 * forged. This class does not count. Change the key in time.
 *
 * <p><b>Changing the key.</b> What was encrypted with any key of the {@link EncryptionKeys} is
 * read, and the current one encrypts. With {@link #over(Codec, Supplier)} that needs no restart.
 *
 * <p><b>Errors.</b> Payloads that are truncated, changed, of another version or place, encrypted
 * with a key that is not there, or not encrypted, are {@link CodecException}s; so a cache counts a
 * miss and replaces the entry. Nothing of a payload reaches the other codec before all of it is
 * authenticated. No message contains a key or anything of a value; one may name the id of a key.
 * What the other codec throws passes unchanged.
 *
 * <p>Thread-safe if the other codec is. Does not block.
 *
 * @param <V> the values; never null
 */
public final class EncryptingCodec<V> implements Codec<V> {
  private static final String TRANSFORMATION = "AES/GCM/NoPadding";
  private static final String NO_PLACE = "";
  private static final byte VERSION = 1;
  private static final int ID_OFFSET = 2;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BYTES = 16;

  private final Codec<V> codec;
  private final Supplier<EncryptionKeys> keys;
  private final SecureRandom nonces = new SecureRandom();

  private EncryptingCodec(Codec<V> codec, Supplier<EncryptionKeys> keys) {
    this.codec = Objects.requireNonNull(codec, "codec");
    this.keys = Objects.requireNonNull(keys, "keys");
  }

  /**
   * Returns a codec with keys that stay the same.
   *
   * @see Codec#encrypted(EncryptionKeys)
   */
  public static <V> EncryptingCodec<V> over(Codec<V> codec, EncryptionKeys keys) {
    Objects.requireNonNull(keys, "keys");
    return new EncryptingCodec<>(codec, () -> keys);
  }

  /**
   * Returns a codec that asks for its keys each time it encrypts or decrypts, so that they can
   * change while it is in use.
   *
   * @param keys thread-safe and fast: does not block, but returns what was fetched elsewhere and
   *     before; what it throws is treated like a {@link CodecException}, and so is null
   */
  public static <V> EncryptingCodec<V> over(Codec<V> codec, Supplier<EncryptionKeys> keys) {
    return new EncryptingCodec<>(codec, keys);
  }

  private EncryptionKeys keys() {
    return Objects.requireNonNull(keys.get(), "the supplier of keys returned null");
  }

  /** Encrypts for the empty place. */
  @Override
  public byte[] encode(V value) {
    return encode(value, NO_PLACE);
  }

  @Override
  public byte[] encode(V value, String place) {
    byte[] plain = codec.encode(value, place);
    EncryptionKeys now = keys();
    byte[] header = newHeader(now.currentId());
    byte[] payload = Arrays.copyOf(header, header.length + plain.length + TAG_BYTES);
    try {
      cipher(Cipher.ENCRYPT_MODE, now.current(), header, place)
          .doFinal(plain, 0, plain.length, payload, header.length);
    } catch (GeneralSecurityException e) {
      throw new CodecException("The encoded value cannot be encrypted", e);
    }
    return payload;
  }

  private byte[] newHeader(String id) {
    byte[] nonce = new byte[NONCE_BYTES];
    nonces.nextBytes(nonce);
    return ByteBuffer.allocate(ID_OFFSET + id.length() + NONCE_BYTES)
        .put(VERSION)
        .put((byte) id.length())
        .put(id.getBytes(US_ASCII))
        .put(nonce)
        .array();
  }

  /** Returns a cipher that knows all but the text. One for each call: none is thread-safe. */
  private static Cipher cipher(int mode, SecretKey key, byte[] header, String place)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance(TRANSFORMATION);
    int nonceOffset = header.length - NONCE_BYTES;
    cipher.init(
        mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, header, nonceOffset, NONCE_BYTES));
    cipher.updateAAD(header);
    cipher.updateAAD(Codec.string().encode(place));
    return cipher;
  }

  /** Decrypts what was encrypted for the empty place. */
  @Override
  public V decode(ByteBuffer payload) {
    return decode(payload, NO_PLACE);
  }

  @Override
  public V decode(ByteBuffer payload, String place) {
    byte[] header = header(payload);
    byte[] plain = decrypted(payload, key(header), header, place);
    return codec.decode(ByteBuffer.wrap(plain), place);
  }

  /** Takes off the payload what precedes the ciphertext, if both are complete. */
  private static byte[] header(ByteBuffer payload) {
    int idBytes = idBytes(payload);
    byte[] header = new byte[ID_OFFSET + idBytes + NONCE_BYTES];
    if (payload.remaining() < header.length + TAG_BYTES) {
      throw cutOff(payload);
    }
    payload.get(header);
    return header;
  }

  private static int idBytes(ByteBuffer payload) {
    if (payload.remaining() < ID_OFFSET) {
      throw cutOff(payload);
    }
    byte version = payload.get(payload.position());
    if (version != VERSION) {
      throw new CodecException(
          "The payload has the version "
              + version
              + ", not 1; it is not encrypted, or by a later version of this library");
    }
    return payload.get(payload.position() + 1) & 0xFF;
  }

  private static CodecException cutOff(ByteBuffer payload) {
    return new CodecException(
        "The payload has only " + payload.remaining() + " bytes; it is cut off, or not encrypted");
  }

  private SecretKey key(byte[] header) {
    String id = new String(header, ID_OFFSET, header.length - ID_OFFSET - NONCE_BYTES, ISO_8859_1);
    EncryptionKeys now = keys();
    SecretKey key = now.find(id);
    if (key == null) {
      throw new CodecException(
          EncryptionKeys.isId(id)
              ? "The payload is of the key '%s', not of %s; alsoReading adds it".formatted(id, now)
              : "The payload has no id of a key; it is damaged, or not encrypted");
    }
    return key;
  }

  private static byte[] decrypted(ByteBuffer payload, SecretKey key, byte[] header, String place) {
    int offset = payload.arrayOffset() + payload.position();
    try {
      return cipher(Cipher.DECRYPT_MODE, key, header, place)
          .doFinal(payload.array(), offset, payload.remaining());
    } catch (AEADBadTagException e) {
      throw new CodecException(
          "The payload is not authentic: changed, copied from another place, or of another key"
              + " with the same id",
          e);
    } catch (GeneralSecurityException e) {
      throw new CodecException("The payload cannot be decrypted", e);
    }
  }

  /** Returns the other codec and nothing of the keys: {@code EncryptingCodec[JsonCodec[User]]}. */
  @Override
  public String toString() {
    return "EncryptingCodec[" + codec + "]";
  }
}
