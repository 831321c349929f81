/** Meters of a cache for Micrometer, which is needed on the class path only if they are used. */
@NullMarked
package io.cacheaside.micrometer;

import org.jspecify.annotations.NullMarked;
