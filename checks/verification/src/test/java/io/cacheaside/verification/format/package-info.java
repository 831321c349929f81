/** The bytes of states, held against those of files that never change. */
@NullMarked
package io.cacheaside.verification.format;

import org.jspecify.annotations.NullMarked;
