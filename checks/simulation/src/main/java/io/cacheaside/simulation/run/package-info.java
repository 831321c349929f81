/**
 * One run of a seed: what processes do, what goes wrong meanwhile, and the verdict on what comes of
 * it. {@link io.cacheaside.simulation.run.Simulation} puts the parts together.
 */
@NullMarked
package io.cacheaside.simulation.run;

import org.jspecify.annotations.NullMarked;
