/**
 * What a cache does, told through its public interface: every test once, run through both faces and
 * on every kind of store.
 */
@NullMarked
package io.cacheaside.verification.behaviour;

import org.jspecify.annotations.NullMarked;
