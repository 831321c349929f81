/** How values and keys become bytes and text, and back. */
@NullMarked
package io.cacheaside.codec;

import org.jspecify.annotations.NullMarked;
