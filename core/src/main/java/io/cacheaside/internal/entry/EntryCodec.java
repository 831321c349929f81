package io.cacheaside.internal.entry;

import io.cacheaside.Environment;
import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import io.cacheaside.codec.CodecOverloadedException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Turns what the store holds into entries and values of one cache, and values into states. */
public final class EntryCodec<K, V> {
  private final Codec<V> codec;
  private final RoundTrip<V> roundTrip;
  private final Environment environment;
  private final int schemaVersion;
  private final int maxPayloadBytes;

  public EntryCodec(
      Codec<V> codec, Environment environment, int schemaVersion, int maxPayloadBytes) {
    this.codec = codec;
    this.roundTrip = new RoundTrip<>(codec);
    this.environment = environment;
    this.schemaVersion = schemaVersion;
    this.maxPayloadBytes = maxPayloadBytes;
  }

  /** Returns how many bytes the longest state has that this cache can use. */
  public int maxStateBytes() {
    return (int)
        Math.min((long) Entry.MAX_BYTES_BEFORE_PAYLOAD + maxPayloadBytes, Integer.MAX_VALUE);
  }

  public Entry parse(EntryKey<?> key, byte @Nullable [] state) {
    return Entry.parse(key, state, schemaVersion);
  }

  /**
   * Returns the value of an entry that was read whole.
   *
   * @throws CodecOverloadedException if the codec has no memory for a payload at the moment
   * @throws CodecException if its payload is damaged, too large or refused by the codec
   */
  public V decode(EntryKey<K> key, Entry entry) {
    if (entry.payloadBytes() > maxPayloadBytes) {
      throw new CodecException(tooLarge(entry.payloadBytes()));
    }
    return entry.hasSeveralPayloads()
        ? decodeOneOf(key, entry.payloads())
        : decode(key, entry.payload());
  }

  private V decode(EntryKey<K> key, ByteBuffer payload) {
    try {
      return Objects.requireNonNull(codec.decode(payload, key.text()), "the codec decoded to null");
    } catch (CodecException | OutOfMemoryError e) {
      throw e;
    } catch (Throwable e) {
      throw new CodecException("The codec could not decode the payload", e);
    }
  }

  /** Returns the value of the first payload that this version of the class can read. */
  private V decodeOneOf(EntryKey<K> key, List<ByteBuffer> payloads) {
    CodecException first = null;
    for (ByteBuffer payload : payloads) {
      try {
        return decode(key, payload);
      } catch (CodecException e) {
        first = first == null || e instanceof CodecOverloadedException ? e : first;
      }
    }
    throw first == null ? new CodecException("The entry has no payload") : first;
  }

  /**
   * Returns the payload of a value.
   *
   * @throws CodecException if it is too large, refused by the codec, or not read back as it is
   */
  public byte[] encode(EntryKey<K> key, V value) {
    byte[] payload;
    try {
      payload =
          Objects.requireNonNull(codec.encode(value, key.text()), "the codec encoded to null");
    } catch (CodecException e) {
      throw e;
    } catch (Throwable e) {
      throw new CodecException("The codec could not encode the value", e);
    }
    if (payload.length > maxPayloadBytes) {
      throw new CodecException(tooLarge(payload.length));
    }
    roundTrip.check(value, payload, key.text());
    return payload;
  }

  private String tooLarge(int payloadBytes) {
    return "The payload has " + payloadBytes + " bytes; maxPayloadBytes is " + maxPayloadBytes;
  }

  public byte[] valueState(
      EntryKey<K> key,
      byte[] payload,
      Lifetime lifetime,
      @Nullable Duration loadTime,
      TagIds tags) {
    return Entry.value(key, nextId(), schemaVersion, lifetime, loadTime, tags, payload);
  }

  /** Returns a value in place of another one, of which it takes over everything but the payload. */
  public byte[] successorState(EntryKey<K> key, Entry old, byte[] payload) {
    return old.successor(key, nextId(), schemaVersion, payload);
  }

  /**
   * Returns a value that also has the payloads of another one, for programs with other versions of
   * the class, and everything else of it; null if that would be too large.
   */
  public byte @Nullable [] sharedState(EntryKey<K> key, Entry other, byte[] payload) {
    return other.withPayload(key, nextId(), schemaVersion, payload, maxPayloadBytes);
  }

  public byte[] absentState(EntryKey<K> key, Duration ttl, TagIds tags) {
    return Entry.absent(key, nextId(), schemaVersion, ttl, tags);
  }

  public byte[] passState(EntryKey<K> key, Duration ttl) {
    return Entry.pass(key, nextId(), schemaVersion, ttl);
  }

  public byte[] headWith(EntryKey<K> key, Entry entry, Lifetime lifetime) {
    return entry.headWith(key, nextId(), lifetime);
  }

  public byte[] headOfStale(EntryKey<K> key, Entry entry, Duration age) {
    return entry.headOfStale(key, nextId(), age);
  }

  /**
   * Returns the note that a load has failed.
   *
   * @param at the key of its lease
   * @param load the id of its lease
   * @param failures how many loads have failed in a row, with this one
   */
  public byte[] failureState(
      EntryKey<?> at, EntryId load, int failures, Duration ttl, Duration held, Throwable failure) {
    return Entry.failure(
        at, nextId(), schemaVersion, ttl, held, failures, load, failure.getClass().getName());
  }

  /** Returns the version of the class that these entries are of. */
  public int schemaVersion() {
    return schemaVersion;
  }

  public EntryId nextId() {
    return EntryId.next(environment);
  }
}
