/** Options read from properties and environment variables. */
@NullMarked
package io.cacheaside.config;

import org.jspecify.annotations.NullMarked;
