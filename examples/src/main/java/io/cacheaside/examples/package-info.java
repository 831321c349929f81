/** Small complete programs to start from. Each takes the URI of a Redis as its argument. */
@NullMarked
package io.cacheaside.examples;

import org.jspecify.annotations.NullMarked;
