package io.cacheaside;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Turns what the store holds into entries and values of one cache, and values into states. */
final class Entries<K, V> {
  private final Codec<V> codec;
  private final Environment environment;
  private final int schemaVersion;
  private final int maxPayloadBytes;

  Entries(Codec<V> codec, Environment environment, Settings settings) {
    this.codec = codec;
    this.environment = environment;
    this.schemaVersion = settings.schemaVersion();
    this.maxPayloadBytes = settings.maxPayloadBytes();
  }

  Entry parse(EntryKey<K> key, byte @Nullable [] state) {
    return Entry.parse(key, state, schemaVersion);
  }

  /**
   * Returns the value of an entry that was read whole.
   *
   * @throws CodecException if its payload is damaged, too large or refused by the codec
   */
  V decode(Entry entry) {
    if (entry.payloadBytes() > maxPayloadBytes) {
      throw new CodecException(tooLarge(entry.payloadBytes()));
    }
    try {
      return Objects.requireNonNull(codec.decode(entry.payload()), "the codec decoded to null");
    } catch (CodecException e) {
      throw e;
    } catch (Throwable e) {
      throw new CodecException("The codec could not decode the payload", e);
    }
  }

  /**
   * Returns the payload of a value.
   *
   * @throws CodecException if it is too large or refused by the codec
   */
  byte[] encode(V value) {
    byte[] payload;
    try {
      payload = Objects.requireNonNull(codec.encode(value), "the codec encoded to null");
    } catch (CodecException e) {
      throw e;
    } catch (Throwable e) {
      throw new CodecException("The codec could not encode the value", e);
    }
    if (payload.length > maxPayloadBytes) {
      throw new CodecException(tooLarge(payload.length));
    }
    return payload;
  }

  private String tooLarge(int payloadBytes) {
    return "The payload has " + payloadBytes + " bytes; maxPayloadBytes is " + maxPayloadBytes;
  }

  byte[] valueState(EntryKey<K> key, byte[] payload, Duration ttl) {
    return Entry.value(key, EntryId.next(environment), schemaVersion, ttl, payload);
  }

  byte[] absentState(EntryKey<K> key, Duration ttl) {
    return Entry.absent(key, EntryId.next(environment), schemaVersion, ttl);
  }

  byte[] headWithTtl(EntryKey<K> key, Entry entry, Duration ttl) {
    return entry.headWithTtl(key, EntryId.next(environment), ttl);
  }

  Lease newLease(EntryKey<K> key, Duration leaseTime) {
    return new Lease(key, EntryId.next(environment), schemaVersion, leaseTime);
  }
}
