package io.cacheaside.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The servers of a store, and how Lettuce gets at them. Nothing but closing blocks. */
interface Deployment extends AutoCloseable {
  /**
   * Tries once to connect. The connection then stays up by itself, and a command on it is routed to
   * the primary copy of its key.
   */
  CompletionStage<StatefulConnection<String, byte[]>> connect(StateCodec codec);

  /**
   * Sets what to do when keys are on other servers than before. Never happens while a connection
   * stays, unless the primaries share the keys.
   */
  void whenServersChange(Runnable action);

  /** Says whether the primaries share the keys by slots. */
  boolean isCluster();

  /** Sends commands with as few flushes as possible. */
  void send(StatefulConnection<String, byte[]> connection, List<? extends Command<?>> commands);

  /**
   * Returns the connection to the primary of a key, over which commands on it travel; null if there
   * is none at the moment. Who uses it is told if the key is elsewhere.
   */
  @Nullable StatefulRedisConnection<String, byte[]> primaryOf(
      StatefulConnection<String, byte[]> connection, StateCodec codec, String key);

  /** Returns the name of the primary of a key, as far as is known; null if there is only one. */
  @Nullable String nodeOf(ByteBuffer key);

  /** Returns a connection to each primary, by its name. */
  Map<String, CompletionStage<? extends StatefulConnection<String, byte[]>>> primaries(
      StatefulConnection<String, byte[]> connection);

  /** Returns where the primaries are now, for connections that are not the store's own. */
  CompletionStage<List<RedisURI>> primaryAddresses();

  /**
   * Returns who owns these slots as far as is known: primaries, each with its own of them. No slots
   * stand for one of each primary.
   */
  Map<RedisURI, BitSet> owners(BitSet slots);

  /** Closes every connection; waits for a bounded time. */
  @Override
  void close();
}
