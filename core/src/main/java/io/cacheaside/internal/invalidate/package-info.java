/**
 * Invalidations: {@code Removals} says how each takes away what it is about, {@code ReplayQueue}
 * repeats what the store has not confirmed, and {@code Barriers} keep loads from being stored
 * during a hold-off or a fence.
 */
@NullMarked
package io.cacheaside.internal.invalidate;

import org.jspecify.annotations.NullMarked;
