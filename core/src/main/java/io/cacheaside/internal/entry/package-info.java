/**
 * What keys are called in the store, and what they hold: {@code Entry} is the form in bytes, {@code
 * EntryCodec} turns values into entries and back.
 */
@NullMarked
package io.cacheaside.internal.entry;

import org.jspecify.annotations.NullMarked;
