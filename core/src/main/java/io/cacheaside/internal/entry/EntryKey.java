package io.cacheaside.internal.entry;

import java.util.List;

/**
 * A key in its forms.
 *
 * @param key what the application calls it
 * @param text what the store calls it: the escaped name of the cache, a colon, the text of the key
 * @param hash 64 bits of FNV-1a over the UTF-8 bytes of {@code text}
 * @param tags where the ids are that an entry of this key depends on by declaration
 */
public record EntryKey<K>(K key, String text, long hash, List<EntryKey<String>> tags) {

  static <K> EntryKey<K> of(K key, String text, long hash) {
    return new EntryKey<>(key, text, hash, List.of());
  }
}
