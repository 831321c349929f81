package io.cacheaside.internal.entry;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ids that tags had at one moment. An entry carries those that were read before its load was
 * authorised, and is valid only while they are the current ones.
 *
 * @param declared the ids of the generation and the tags that a key has by declaration, in order
 * @param any the id that changes with every tag of the cache; only leases have it, and only where
 *     loaders may name tags
 * @param named the ids of the tags that a loader named
 */
public record TagIds(List<EntryId> declared, @Nullable EntryId any, Map<String, EntryId> named) {
  public static final TagIds NONE = new TagIds(List.of(), null, Map.of());

  /** What is not readable; equal to nothing that is read from a store. */
  static final TagIds DAMAGED = new TagIds(List.of(new EntryId(0, 0)), new EntryId(0, 0), Map.of());

  /** Returns these ids as a value has them, with tags that its loader named. */
  public TagIds ofValue(Map<String, EntryId> namedByLoader) {
    return new TagIds(declared, null, namedByLoader);
  }

  boolean isEmpty() {
    return declared.isEmpty() && any == null && named.isEmpty();
  }

  byte[] encoded() {
    if (isEmpty()) {
      return new byte[0];
    }
    int length = 2 + (declared.size() + named.size() + (any == null ? 0 : 1)) * EntryId.BYTES;
    for (String name : named.keySet()) {
      length += 2 + utf8(name).length;
    }
    ByteBuffer bytes = ByteBuffer.allocate(length);
    bytes.put((byte) declared.size());
    declared.forEach(id -> put(bytes, id));
    bytes.put((byte) (any == null ? 0 : 1));
    if (any != null) {
      put(bytes, any);
    }
    named.forEach(
        (name, id) -> {
          byte[] text = utf8(name);
          put(bytes.putShort((short) text.length).put(text), id);
        });
    return bytes.array();
  }

  private static byte[] utf8(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }

  private static void put(ByteBuffer bytes, EntryId id) {
    bytes.putLong(id.high()).putLong(id.low());
  }

  static TagIds parse(ByteBuffer bytes) {
    if (!bytes.hasRemaining()) {
      return NONE;
    }
    try {
      List<EntryId> declared = new ArrayList<>();
      for (int left = bytes.get() & 0xFF; left > 0; left--) {
        declared.add(nextId(bytes));
      }
      EntryId any = bytes.get() == 0 ? null : nextId(bytes);
      Map<String, EntryId> named = new HashMap<>();
      while (bytes.hasRemaining()) {
        byte[] name = new byte[bytes.getShort() & 0xFFFF];
        bytes.get(name);
        named.put(new String(name, StandardCharsets.UTF_8), nextId(bytes));
      }
      return new TagIds(List.copyOf(declared), any, Map.copyOf(named));
    } catch (BufferUnderflowException damaged) {
      return DAMAGED;
    }
  }

  private static EntryId nextId(ByteBuffer bytes) {
    return new EntryId(bytes.getLong(), bytes.getLong());
  }
}
