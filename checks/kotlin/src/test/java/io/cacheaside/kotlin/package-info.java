/** Programs of one line in Kotlin: what compiles, and what the compiler says otherwise. */
@NullMarked
package io.cacheaside.kotlin;

import org.jspecify.annotations.NullMarked;
