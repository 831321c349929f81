/**
 * The right to store a value. A load asks for a lease; its grant names the state that the result
 * replaces; {@code Filler} replaces exactly that state, or stores nothing.
 */
@NullMarked
package io.cacheaside.internal.lease;

import org.jspecify.annotations.NullMarked;
