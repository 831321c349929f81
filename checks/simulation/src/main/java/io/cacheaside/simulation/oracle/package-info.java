/**
 * What the guarantees allow: which versions a read may return, and how often the source may be
 * read.
 */
@NullMarked
package io.cacheaside.simulation.oracle;

import org.jspecify.annotations.NullMarked;
