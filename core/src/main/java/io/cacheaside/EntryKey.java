package io.cacheaside;

/**
 * A key in its three forms.
 *
 * @param key what the application calls it
 * @param text what the store calls it: the escaped name of the cache, a colon, the text of the key
 * @param hash 64 bits of FNV-1a over the UTF-8 bytes of {@code text}
 */
record EntryKey<K>(K key, String text, long hash) {}
