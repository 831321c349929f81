/**
 * Many processes that read a few hot keys without faults: what near caches cost and spare, next to
 * other designs.
 */
@NullMarked
package io.cacheaside.simulation.scale;

import org.jspecify.annotations.NullMarked;
