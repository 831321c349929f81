/**
 * How the steps of an operation run, and how the store is asked. {@code CallerThread} and {@code
 * SerialCaller} run steps; {@code GuardedStore} is the one way to the store, with its circuit
 * breakers and its batches.
 */
@NullMarked
package io.cacheaside.internal.flow;

import org.jspecify.annotations.NullMarked;
