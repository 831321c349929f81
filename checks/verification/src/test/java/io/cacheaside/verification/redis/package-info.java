/** The store on Redis and Valkey, against real servers and broken networks. */
@NullMarked
package io.cacheaside.verification.redis;

import org.jspecify.annotations.NullMarked;
