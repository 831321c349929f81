package io.cacheaside.store;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A state, the time it has left, and how changes of it are heard of.
 *
 * @param bytes all of it
 * @param remaining the remaining time to live, as in {@link TimedState}
 * @param feed the stream in which the next change of the key will be told; null if it will not
 */
@SuppressWarnings("ArrayRecordComponent")
public record WatchedState(byte[] bytes, @Nullable Duration remaining, @Nullable ChangeFeed feed) {}
