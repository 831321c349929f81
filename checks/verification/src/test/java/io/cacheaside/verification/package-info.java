/** What has to hold for every store and through both faces, and the shape of the code itself. */
@NullMarked
package io.cacheaside.verification;

import org.jspecify.annotations.NullMarked;
