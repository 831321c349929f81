/** Zstandard compression for codecs: {@link io.cacheaside.zstd.ZstdCodec}. */
@NullMarked
package io.cacheaside.zstd;

import org.jspecify.annotations.NullMarked;
