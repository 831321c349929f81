/**
 * The real engine on virtual time: several simulated processes, one simulated server, one source of
 * truth, a seeded scheduler that picks every step, and an oracle.
 *
 * <p>Each package uses only those before it: {@code world}, {@code oracle}, {@code run}, {@code
 * mutants}. {@code scale} uses {@code world} alone, and {@link Simulate} all of them.
 */
@NullMarked
package io.cacheaside.simulation;

import org.jspecify.annotations.NullMarked;
