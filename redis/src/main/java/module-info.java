/** A store on Redis and Valkey through Lettuce. */
module io.cacheaside.redis {
  requires static transitive org.jspecify;
  requires transitive io.cacheaside.core;
  requires transitive lettuce.core;
  requires io.netty.buffer;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;
  requires org.slf4j;
  requires reactor.core;

  exports io.cacheaside.redis;
}
