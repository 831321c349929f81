package io.cacheaside.simulation.scale;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * What one of many processes does to read and to write, in one of the designs that are compared.
 */
interface ScaledNode {
  /** For how long any of them keeps a value. */
  Duration TTL = Duration.ofSeconds(60);

  /** Returns the version of a key that this process sees, loaded if need be. */
  CompletionStage<Integer> read(String key);

  /** Tells whom it concerns that a key was written; completes when the writer goes on. */
  CompletionStage<?> written(String key);

  /** Returns how many values this process holds. */
  long held();
}
