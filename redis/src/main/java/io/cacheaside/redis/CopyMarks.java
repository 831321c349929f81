package io.cacheaside.redis;

import io.lettuce.core.cluster.SlotHash;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes up marks: keys that nobody else writes, by which a server is recognised that has what was
 * done before they were written.
 *
 * <p>In a cluster a mark has to be in the slot of the keys that it stands for. A number in braces
 * (a hash tag) sees to that, which is found by trying one after the other, each once. Elsewhere
 * slots mean nothing, and all marks are in slot 0.
 */
final class CopyMarks {
  /** Begins no key of a cache, as a percent sign in its name is escaped. */
  private static final String START = "%w:";

  private static final int NOT_FOUND = 0;

  /** One mark, and the slot it is in. */
  record Mark(int slot, String key) {}

  private final StateCodec codec;
  private final boolean cluster;
  private final boolean oneSlot;
  private final String store = UUID.randomUUID().toString();
  private final AtomicLong made = new AtomicLong();
  private final AtomicInteger tried = new AtomicInteger();
  private final AtomicIntegerArray numbers = new AtomicIntegerArray(SlotHash.SLOT_COUNT);

  CopyMarks(RedisSettings settings, StateCodec codec) {
    this.codec = codec;
    cluster = settings.topology() == Topology.CLUSTER;
    oneSlot = cluster && hasTag(settings.prefix());
  }

  /** Says whether a prefix decides alone about the slots of all keys. */
  private static boolean hasTag(String prefix) {
    int open = prefix.indexOf('{');
    return open >= 0 && prefix.indexOf('}', open) > open + 1;
  }

  /** Returns the slots of some keys; for none, those of all keys, which is empty if it is any. */
  BitSet slotsOf(List<String> keys) {
    BitSet slots = new BitSet();
    if (!cluster) {
      slots.set(0);
    } else if (oneSlot) {
      slots.set(slotOf(START));
    } else {
      keys.forEach(key -> slots.set(slotOf(key)));
    }
    return slots;
  }

  private int slotOf(String key) {
    return SlotHash.getSlot(codec.encodeKey(key));
  }

  /** Returns a new mark in a slot that keys of this store can be in. */
  Mark in(int slot) {
    String tag = cluster ? tag(numberFor(slot)) : "";
    return new Mark(slot, START + tag + store + ":" + made.incrementAndGet());
  }

  private int numberFor(int slot) {
    while (numbers.get(slot) == NOT_FOUND) {
      int number = tried.incrementAndGet();
      numbers.compareAndSet(slotOf(START + tag(number)), NOT_FOUND, number);
    }
    return numbers.get(slot);
  }

  private static String tag(int number) {
    return "{" + number + "}";
  }
}
