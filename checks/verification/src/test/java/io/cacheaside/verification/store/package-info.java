/** The stores that need no server, and where they have to agree with one. */
@NullMarked
package io.cacheaside.verification.store;

import org.jspecify.annotations.NullMarked;
