package io.cacheaside.store;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes of a state and the time it has left.
 *
 * @param bytes the bytes that were asked for, or all if there are fewer
 * @param remaining the remaining time to live, of this state or of {@linkplain Store#readTimed one
 *     before it}; zero if it is less than the store can tell; null if the key never expires, which
 *     no state written through a {@link Store} does
 */
@SuppressWarnings("ArrayRecordComponent")
public record TimedState(byte[] bytes, @Nullable Duration remaining) {}
