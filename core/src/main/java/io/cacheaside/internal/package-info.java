/**
 * The engine of a cache, for this library alone. Its classes are public so that its packages can
 * use each other, and may change with every version.
 *
 * <p>{@code SyncCache} and {@code AsyncCache} are the two faces of a cache. {@code Engine} opens
 * and closes it. {@code Rooms} builds its parts from the bottom line of this table to the top.
 * {@code Settings} has its options, {@code OpenCaches} the names that are taken.
 *
 * <p>Each package below is a room. A room uses its own classes and those of rooms further down;
 * news travels up only through callbacks that {@code Rooms} hands out:
 *
 * <pre>
 * operation    the calls of users, step by step; Gets decides, Misses asks for a lease and loads
 * load         which loads run, who joins them, how a loader is run
 * lease        the right to store what was loaded: leases, grants, fills
 * near         values kept in this process
 * invalidate   invalidations, until they are confirmed; barriers and fences
 * read         reads a key; judges the age of its entry and its tags
 * flow         how the steps of an operation run, and how the store is asked
 * events       counts, log, listener; the exceptions that callers get
 * entry        keys, ids, and the bytes that a key holds
 * threads      threads and timers
 * </pre>
 *
 * <p>The store is outside, behind {@code Store} and {@code ChangeListener}. What Redis pushes
 * arrives in the module redis, in its {@code Tracker}.
 */
@NullMarked
package io.cacheaside.internal;

import org.jspecify.annotations.NullMarked;
