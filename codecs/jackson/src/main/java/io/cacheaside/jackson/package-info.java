/** Values as JSON: {@link io.cacheaside.jackson.JsonCodec}. */
@NullMarked
package io.cacheaside.jackson;

import org.jspecify.annotations.NullMarked;
