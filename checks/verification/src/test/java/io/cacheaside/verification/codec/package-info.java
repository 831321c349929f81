/** Every codec against the contract, and what each adds to it. */
@NullMarked
package io.cacheaside.verification.codec;

import org.jspecify.annotations.NullMarked;
