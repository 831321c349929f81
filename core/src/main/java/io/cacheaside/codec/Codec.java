package io.cacheaside.codec;

import java.nio.ByteBuffer;

/**
 * Turns values into bytes and back.
 *
 * <p>{@code decode(encode(v))} has to equal {@code v}. Implementations are thread-safe and do not
 * block. They run on the thread of the caller of a synchronous cache, or on the cache's executor,
 * never on a thread of the network client.
 *
 * <p><b>Errors.</b> Whatever {@code encode} throws means "not cached": the caller still gets the
 * loaded value. Whatever {@code decode} throws makes the read a counted miss. The next load joins
 * an intact entry, for programs with another version of the class, and replaces a damaged one.
 * {@link CodecException} is the type to throw; others are treated alike. Only a {@link
 * CodecOverloadedException} leaves the entry as it is.
 *
 * <p>The codecs of this library name the type of their values in {@code toString}, and the codec
 * that they wrap: {@code GzipCodec[JsonCodec[User]]}. It holds no secrets and no data.
 *
 * <p>Never use Java serialisation, nor a format in which the bytes choose the class to be created.
 *
 * @param <V> the values; never null
 */
public interface Codec<V> {

  /** Returns the bytes of a value. The array belongs to the caller afterwards. */
  byte[] encode(V value);

  /**
   * Returns the value of what is between the buffer's position and its limit.
   *
   * @param payload backed by an accessible array; must be neither modified nor kept
   */
  V decode(ByteBuffer payload);

  /**
   * Returns the bytes of a value that will lie in a certain place. The array belongs to the caller
   * afterwards.
   *
   * <p>A cache calls this, and never {@link #encode(Object)} itself, which is what this does unless
   * it is overridden. Few codecs care where their bytes lie; {@link EncryptingCodec} does. A codec
   * on top of another one overrides this together with {@link #decode(ByteBuffer, String)} and
   * hands the place on: otherwise the other one never learns it.
   *
   * @param place the escaped name of the cache, a colon and the text of the key, that is what the
   *     store calls the key without the store's own prefix; well-formed, and different for any two
   *     pairs of cache name and key
   */
  default byte[] encode(V value, String place) {
    return encode(value);
  }

  /**
   * Returns the value of what is between the buffer's position and its limit and was read from a
   * certain place.
   *
   * <p>A cache calls this, and never {@link #decode(ByteBuffer)} itself, which is what this does
   * unless it is overridden.
   *
   * @param payload backed by an accessible array; must be neither modified nor kept
   * @param place as in {@link #encode(Object, String)}: the same for what was written there
   */
  default V decode(ByteBuffer payload, String place) {
    return decode(payload);
  }

  /** Returns the codec for text, as UTF-8. Unpaired surrogates are refused, malformed bytes too. */
  static Codec<String> string() {
    return StringCodec.INSTANCE;
  }

  /** Returns the codec for byte arrays, as they are. */
  static Codec<byte[]> bytes() {
    return BytesCodec.INSTANCE;
  }

  /**
   * Returns this codec with GZIP compression (RFC 1952) of everything that is larger than 1 KiB and
   * gets smaller by it. Decompression stops with an error at 64 MiB.
   *
   * @see GzipCodec
   */
  default Codec<V> gzip() {
    return GzipCodec.of(this);
  }

  /**
   * Returns this codec with encryption on top: AES-GCM, which also authenticates the value together
   * with the name of its cache and its key. Compress before, {@code codec.gzip().encrypted(keys)}:
   * what is encrypted gets no smaller.
   *
   * @see EncryptingCodec
   */
  default Codec<V> encrypted(EncryptionKeys keys) {
    return EncryptingCodec.over(this, keys);
  }
}
