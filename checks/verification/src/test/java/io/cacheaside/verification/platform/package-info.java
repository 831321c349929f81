/** The libraries in the versions that applications bring. */
@NullMarked
package io.cacheaside.verification.platform;

import org.jspecify.annotations.NullMarked;
