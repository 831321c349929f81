package io.cacheaside.redis;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisCredentialsProvider.ImmediateRedisCredentialsProvider;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** How a connection finds user and password. */
final class Credentials {
  private Credentials() {}

  static RedisCredentialsProvider fixed(@Nullable String username, char[] password) {
    RedisCredentials credentials = RedisCredentials.just(username, password.clone());
    return (ImmediateRedisCredentialsProvider) () -> credentials;
  }

  /** Asks for every connection, on a thread that may block, which Lettuce's own would not be. */
  static RedisCredentialsProvider supplied(@Nullable String username, Supplier<char[]> password) {
    return () ->
        Mono.fromCallable(() -> RedisCredentials.just(username, password.get()))
            .subscribeOn(Schedulers.boundedElastic());
  }
}
