/**
 * What happens in a cache: {@code Events} counts it, logs it and tells the listener; {@code
 * Failures} makes the exceptions that callers get.
 */
@NullMarked
package io.cacheaside.internal.events;

import org.jspecify.annotations.NullMarked;
