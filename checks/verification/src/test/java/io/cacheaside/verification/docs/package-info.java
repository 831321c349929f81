/**
 * The documentation as tests: its code compiles and runs, its links lead somewhere, and what it
 * says about options, tests and tags is what the code has.
 */
@NullMarked
package io.cacheaside.verification.docs;

import org.jspecify.annotations.NullMarked;
