/**
 * The real engine on virtual time: several simulated processes, one simulated server, one source of
 * truth, a seeded scheduler that picks every step, and an oracle.
 */
@NullMarked
package io.cacheaside.simulation;

import org.jspecify.annotations.NullMarked;
