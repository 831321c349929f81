/** Linearizability and the memory model, checked by machine. Run by {@code ./check stress}. */
@NullMarked
package io.cacheaside.stress;

import org.jspecify.annotations.NullMarked;
