/**
 * Where a run takes place: virtual time, the simulated servers, connections and processes, and the
 * features that a seed gives them.
 */
@NullMarked
package io.cacheaside.simulation.world;

import org.jspecify.annotations.NullMarked;
