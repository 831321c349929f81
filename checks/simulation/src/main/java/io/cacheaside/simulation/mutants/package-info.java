/**
 * Mistakes made on purpose in the engine or in the simulated store, to see that a run notices them.
 */
@NullMarked
package io.cacheaside.simulation.mutants;

import org.jspecify.annotations.NullMarked;
