/**
 * Single flight: which loads run in this process, who joins them, how a loader is run under the
 * bulkhead, the retry policy and the load timeout, and the refreshes in the background.
 */
@NullMarked
package io.cacheaside.internal.load;

import org.jspecify.annotations.NullMarked;
