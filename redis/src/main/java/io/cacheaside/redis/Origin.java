package io.cacheaside.redis;

import io.lettuce.core.protocol.CommandArgs;
import org.jspecify.annotations.Nullable;

/** What a command knows of the store that it comes from. */
interface Origin {
  /** Returns how keys and states are written. */
  StateCodec codec();

  /** Returns how many bytes a state may have. */
  int maxStateBytes();

  /** Returns whether the store has been closed. */
  boolean isClosed();

  /** Returns the name of the node that a command goes to; null if there is only one. */
  @Nullable String nodeOf(CommandArgs<String, byte[]> args);

  /** Lets listeners know that a key may have changed. */
  void changed(String key);

  /** Is called if a server turns out to be a replica, which must not be read from for long. */
  void demoted();
}
