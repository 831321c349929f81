/**
 * Caches at work for a long time, to see that nothing grows: heap, threads, connections, keys and
 * memory of the server. {@code ./check soak} runs it.
 */
@NullMarked
package io.cacheaside.benchmarks.soak;

import org.jspecify.annotations.NullMarked;
