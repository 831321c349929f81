package io.cacheaside.redis;

import static java.util.concurrent.CompletableFuture.completedStage;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.resource.ClientResources;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One primary: a server of its own or the one that Sentinels name, who are asked again for every
 * connection.
 */
final class SingleDeployment implements Deployment {
  private final RedisURI address;
  private final RedisClient client;

  SingleDeployment(LettuceOptions options, ClientResources resources) {
    address = options.server();
    client = RedisClient.create(resources);
    client.setOptions(options.forOperations());
  }

  @Override
  public CompletionStage<StatefulConnection<String, byte[]>> connect(StateCodec codec) {
    return client.connectAsync(codec, address).thenApply(Function.identity());
  }

  @Override
  public void whenServersChange(Runnable action) {}

  @Override
  public boolean isCluster() {
    return false;
  }

  @Override
  public void send(
      StatefulConnection<String, byte[]> connection, List<? extends Command<?>> commands) {
    if (commands.size() == 1) {
      connection.dispatch(commands.get(0));
    } else {
      connection.dispatch(commands);
    }
  }

  @Override
  public StatefulRedisConnection<String, byte[]> primaryOf(
      StatefulConnection<String, byte[]> connection, StateCodec codec, String key) {
    return (StatefulRedisConnection<String, byte[]>) connection;
  }

  @Override
  public @Nullable String nodeOf(ByteBuffer key) {
    return null;
  }

  @Override
  public Map<String, CompletionStage<? extends StatefulConnection<String, byte[]>>> primaries(
      StatefulConnection<String, byte[]> connection) {
    return Map.of("", completedStage(connection));
  }

  @Override
  public CompletionStage<List<RedisURI>> primaryAddresses() {
    return completedStage(List.of(address));
  }

  @Override
  public Map<RedisURI, BitSet> owners(BitSet slots) {
    return Map.of(address, slots);
  }

  @Override
  public void close() {
    LettuceThreads.shutdown(client);
  }
}
