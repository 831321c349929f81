/** Options out of text: properties and the environment. */
@NullMarked
package io.cacheaside.verification.config;

import org.jspecify.annotations.NullMarked;
