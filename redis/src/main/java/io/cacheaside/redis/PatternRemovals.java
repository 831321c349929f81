package io.cacheaside.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** The removals by pattern of a store that are under way. */
final class PatternRemovals implements AutoCloseable {
  private final SweepClient client;
  private final Set<PatternRemoval> underWay = ConcurrentHashMap.newKeySet();

  PatternRemovals(SweepClient client) {
    this.client = client;
  }

  /** Removes the keys that begin with a prefix, taken literally, and go on as a glob says. */
  CompletionStage<Long> remove(String prefix, String glob) {
    byte[] pattern = (Glob.literally(prefix) + glob).getBytes(UTF_8);
    PatternRemoval removal = new PatternRemoval(client, pattern);
    underWay.add(removal);
    removal.result().whenComplete((count, failure) -> underWay.remove(removal));
    if (client.isClosed()) {
      removal.close();
    } else {
      removal.start();
    }
    return removal.result();
  }

  /** Ends all of them; waits for a bounded time. */
  @Override
  public void close() {
    underWay.forEach(PatternRemoval::close);
    client.close();
  }
}
