/**
 * One read of a key with all that its entry is judged by: {@code EntryReader} asks for it, {@code
 * Snapshot} is the answer, {@code Freshness} and {@code Tags} judge it. {@code Epochs} notes what
 * has changed since.
 */
@NullMarked
package io.cacheaside.internal.read;

import org.jspecify.annotations.NullMarked;
