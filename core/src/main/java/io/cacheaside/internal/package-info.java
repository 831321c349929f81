/**
 * The engine of a cache, for this library alone: its classes are public so that its rooms can use
 * each other, and may change with every version.
 *
 * <p>{@code Engine} builds the rooms from the ground up and hands each what it needs. A room uses
 * only rooms below it:
 *
 * <pre>
 * operation    what a caller can ask: reads, writes, invalidations
 * load         which loads run, who joins, how a loader is run
 * lease        the right to store: leases, grants, fills
 * near         values kept in this process
 * invalidate   invalidations, until they are confirmed; barriers and fences
 * read         one read of a key, and what its entry is worth
 * flow         how the steps of an operation run, and how the store is asked
 * events       counts, log, listener; the exceptions that callers get
 * entry        keys, ids, and the bytes that a key holds
 * threads      threads and timers
 * </pre>
 */
@NullMarked
package io.cacheaside.internal;

import org.jspecify.annotations.NullMarked;
