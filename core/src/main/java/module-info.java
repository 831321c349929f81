/** The cache-aside API, its engine, the in-memory store and the built-in codecs. */
module io.cacheaside.core {
  requires static transitive org.jspecify;
  requires static context.propagation;
  requires static micrometer.core;
  requires com.github.benmanes.caffeine;
  requires org.slf4j;

  exports io.cacheaside;
  exports io.cacheaside.codec;
  exports io.cacheaside.config;
  exports io.cacheaside.micrometer;
  exports io.cacheaside.store;
}
