/** Every target over its corpus, without Jazzer. */
@NullMarked
package io.cacheaside.fuzzing;

import org.jspecify.annotations.NullMarked;
