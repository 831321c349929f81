/** Linearizability and the memory model, checked by machine. Run by {@code ./stress-test}. */
@NullMarked
package io.cacheaside.stress;

import org.jspecify.annotations.NullMarked;
