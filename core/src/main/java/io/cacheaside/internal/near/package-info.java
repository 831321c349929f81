/**
 * Decoded values that this process keeps. {@code NearTier} decides when one is read whether it is
 * current: by its epochs, its feed and its deadline.
 */
@NullMarked
package io.cacheaside.internal.near;

import org.jspecify.annotations.NullMarked;
