package io.cacheaside.verification.redis;

import io.cacheaside.redis.RedisStore;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import io.cacheaside.testkit.SharedServers;
import io.cacheaside.testkit.StoreContract;
import java.time.Duration;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** What every store has to do, on each server there is. */
@Tag("redis")
class RedisStoreContractTest {
  abstract static class OnServer extends StoreContract {
    private final ServerBinary binary;

    OnServer(ServerBinary binary) {
      this.binary = binary;
      Assumptions.assumeTrue(binary.isAvailable(), binary + " is not there");
    }

    private RedisServer server() {
      return SharedServers.redis(binary);
    }

    @Override
    protected RedisStore open() {
      return RedisStore.builder()
          .uri(server().uri())
          .commandTimeout(Duration.ofSeconds(20))
          .connect();
    }

    @Override
    protected void putForeign(String key) {
      server().command("RPUSH", "cache:" + key, "not a state");
      server().command("EXPIRE", "cache:" + key, "60");
    }
  }

  @Nested
  class BundledRedis extends OnServer {
    BundledRedis() {
      super(ServerBinary.BUNDLED);
    }
  }

  @Nested
  @Tag("full")
  class Redis80 extends OnServer {
    Redis80() {
      super(ServerBinary.REDIS_8_0);
    }
  }

  @Nested
  @Tag("full")
  class Valkey81 extends OnServer {
    Valkey81() {
      super(ServerBinary.VALKEY_8_1);
    }
  }

  @Nested
  @Tag("full")
  class Valkey80 extends OnServer {
    Valkey80() {
      super(ServerBinary.VALKEY_8_0);
    }
  }
}
