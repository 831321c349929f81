/** Coverage-guided fuzzing of everything that reads bytes or text from elsewhere. */
@NullMarked
package io.cacheaside.fuzzing;

import org.jspecify.annotations.NullMarked;
