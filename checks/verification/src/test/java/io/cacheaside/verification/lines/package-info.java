/** Programs of one line against the API: what compiles, and what the compiler says otherwise. */
@NullMarked
package io.cacheaside.verification.lines;

import org.jspecify.annotations.NullMarked;
