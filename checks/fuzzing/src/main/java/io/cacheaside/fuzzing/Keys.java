package io.cacheaside.fuzzing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.codec.Codec;
import io.cacheaside.codec.KeyCodec;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.TimedState;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.ForwardingStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What a store is asked for tells the name of the cache and the key, so no two pairs share an
 * entry; and a tag is never where an entry is. Exactly those keys are refused that are empty, too
 * long, or have no exact UTF-8 form.
 */
public final class Keys {
  private static final int MAX_KEY_BYTES = 128;

  private final String name;
  private final String tag;
  private final RecordingStore store = new RecordingStore();

  private Keys(String name, String tag) {
    this.name = name;
    this.tag = tag;
  }

  /** The name of a cache, a tag, the kind of key, and the key. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    Input in = new Input(bytes);
    String name = in.text();
    String tag = in.text();
    if (name.isBlank()) {
      return;
    }
    Keys keys = new Keys(name, tag);
    switch (in.below(3)) {
      case 0 -> keys.test(KeyCodec.string(), Input.text(in.rest()), key -> key);
      case 1 -> keys.test(KeyCodec.number(), in.number(8), Long::valueOf);
      default -> keys.test(KeyCodec.uuid(), new UUID(in.number(8), in.number(8)), UUID::fromString);
    }
  }

  private interface Inverse<K> {
    K of(String text);
  }

  private <K> void test(KeyCodec<K> codec, K key, Inverse<K> inverse) {
    String entry = asked(codec, key, null);
    if (entry != null) {
      int colon = entry.indexOf(':');
      Violation.unlessEqual("name", unescaped(entry.substring(0, colon)), name);
      Violation.unlessEqual("key", inverse.of(entry.substring(colon + 1)), key);
    }
    Violation.unlessEqual("whether it is a key", entry != null, isKey(codec.encode(key)));
    if (entry != null && !tag.isEmpty()) {
      beside(codec, key);
    }
  }

  private <K> void beside(KeyCodec<K> codec, K key) {
    String text = asked(codec, key, tag);
    if (text == null) {
      return;
    }
    for (String asked : store.asked) {
      boolean isEntry = asked.indexOf(':') == asked.length() - codec.encode(key).length() - 1;
      boolean isTag = asked.equals(escaped(name) + "%t:" + tag);
      Violation.unless(isEntry || isTag, "asked for <%s>", asked);
    }
  }

  /** Returns what the store is asked for first; null if the key is refused. */
  private <K> @Nullable String asked(KeyCodec<K> codec, K key, @Nullable String itsTag) {
    store.asked.clear();
    CacheAsideBuilder<K, String> builder =
        CacheAside.builder(name, codec, Codec.string())
            .store(store)
            .environment(FakeTime.withHeldTasks())
            .maxKeyBytes(MAX_KEY_BYTES);
    if (itsTag != null) {
      builder.tags(any -> List.of(itsTag));
    }
    try (CacheAside<K, String> cache = builder.build()) {
      cache.lookup(key);
      return store.asked.get(0);
    } catch (IllegalArgumentException refused) {
      Violation.unlessEqual("what was asked for", store.asked.size(), 0);
      return null;
    }
  }

  private boolean isKey(String key) {
    String whole = escaped(name) + ":" + key;
    return !key.isEmpty()
        && UTF_8.newEncoder().canEncode(whole)
        && whole.getBytes(UTF_8).length <= MAX_KEY_BYTES;
  }

  private static String escaped(String name) {
    return name.replace("%", "%25").replace(":", "%3A");
  }

  private static String unescaped(String name) {
    return name.replace("%3A", ":").replace("%25", "%");
  }

  /** Knows what it was asked for. */
  private static final class RecordingStore extends ForwardingStore {
    private final List<String> asked = new ArrayList<>();

    RecordingStore() {
      super(InMemoryStore.create());
    }

    @Override
    public CompletionStage<byte @Nullable []> read(String key) {
      asked.add(Objects.requireNonNull(key));
      return super.read(key);
    }

    @Override
    public CompletionStage<@Nullable TimedState> readTimed(String key, int maxBytes) {
      asked.add(Objects.requireNonNull(key));
      return super.readTimed(key, maxBytes);
    }
  }
}
