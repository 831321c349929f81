/**
 * What this library costs, in time and memory, next to others. Run by {@code ./check benchmarks},
 * which writes a page of the documentation.
 */
@NullMarked
package io.cacheaside.benchmarks;

import org.jspecify.annotations.NullMarked;
