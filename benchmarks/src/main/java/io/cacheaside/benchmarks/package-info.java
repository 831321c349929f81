/**
 * What hits cost, in time and memory, and how fast waiters are woken. Run by {@code ./benchmark}.
 */
@NullMarked
package io.cacheaside.benchmarks;

import org.jspecify.annotations.NullMarked;
