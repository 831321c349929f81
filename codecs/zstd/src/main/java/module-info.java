/** Zstandard compression for codecs. */
module io.cacheaside.zstd {
  requires static transitive org.jspecify;
  requires transitive io.cacheaside.core;
  requires com.github.luben.zstd_jni;

  exports io.cacheaside.zstd;
}
