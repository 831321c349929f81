/**
 * Histories of real processes on real servers: what three JVMs asked and were answered while
 * processes, servers and the network between them failed, and a check of every answer.
 */
@NullMarked
package io.cacheaside.verification.history;

import org.jspecify.annotations.NullMarked;
