/** The threads and timers of the running JVM. */
@NullMarked
package io.cacheaside.internal.threads;

import org.jspecify.annotations.NullMarked;
