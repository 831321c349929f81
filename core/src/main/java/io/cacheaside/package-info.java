/**
 * The cache: {@link io.cacheaside.CacheAside} and its asynchronous face, what they are built with,
 * what they return and throw. The engine behind both faces lives here too, package-private.
 */
@NullMarked
package io.cacheaside;

import org.jspecify.annotations.NullMarked;
