/**
 * The cache: {@link io.cacheaside.CacheAside} and its asynchronous face, what they are built with,
 * what they return and throw.
 */
@NullMarked
package io.cacheaside;

import org.jspecify.annotations.NullMarked;
