/** Processes of their own, and ways from them to the servers that can break. */
@NullMarked
package io.cacheaside.verification.processes;

import org.jspecify.annotations.NullMarked;
