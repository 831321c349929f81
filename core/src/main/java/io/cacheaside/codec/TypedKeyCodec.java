package io.cacheaside.codec;

import java.util.function.Function;

/** The keys of one type, and what their text is. */
record TypedKeyCodec<K>(Class<K> type, Function<? super K, String> text) implements KeyCodec<K> {

  @Override
  public String encode(K key) {
    return text.apply(key);
  }

  @Override
  public String toString() {
    return "KeyCodec[" + type.getSimpleName() + "]";
  }
}
