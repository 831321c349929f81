package io.cacheaside.verification.redis;

import io.cacheaside.CacheAside;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.redis.RedisStoreBuilder;
import io.cacheaside.verification.processes.Jvm;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/** A process of its own that changes what another reads near. Not thread-safe. */
final class NearWriter implements AutoCloseable {
  private static final Duration USUAL_TIMEOUT = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final Jvm jvm;

  private NearWriter(String uri, Duration timeout, int copies) {
    jvm =
        Jvm.start(
            "the process that writes",
            Program.class,
            List.of(uri, String.valueOf(timeout.toMillis()), String.valueOf(copies)));
    try {
      jvm.answer(LIMIT);
    } catch (RuntimeException e) {
      jvm.close();
      throw e;
    }
  }

  /** Starts one that soon gives up what is not confirmed. */
  static NearWriter start(String uri) {
    return new NearWriter(uri, USUAL_TIMEOUT, 0);
  }

  /** Starts one whose invalidations wait until a replica has them too. */
  static NearWriter startWithCopies(String uri) {
    return new NearWriter(uri, USUAL_TIMEOUT, 1);
  }

  /** Starts one that waits long for the server. */
  static NearWriter startPatient(String uri) {
    return new NearWriter(uri, PATIENCE, 0);
  }

  /** Invalidates, and tells when that had returned; empty if it was not confirmed. */
  OptionalLong invalidate(String key) {
    return change("invalidate " + key);
  }

  /** Puts a value, and tells when that had returned. */
  OptionalLong put(String key, String value) {
    return change("put " + key + " " + value);
  }

  private OptionalLong change(String order) {
    long askedNanos = System.nanoTime();
    jvm.tell(order);
    String answer = jvm.answer(LIMIT);
    return answer.equals(Program.UNCONFIRMED)
        ? OptionalLong.empty()
        : OptionalLong.of(Jvm.nanos(answer, askedNanos));
  }

  @Override
  public void close() {
    jvm.close();
  }

  /** What runs in that process. */
  static final class Program {
    static final String UNCONFIRMED = "unconfirmed";

    private Program() {}

    /** Ends the JVM whatever happens, and whatever threads there are. */
    public static void main(String... arguments) {
      try {
        Jvm.endWithParent();
        work(arguments[0], Duration.ofMillis(Long.parseLong(arguments[1])), arguments[2]);
      } catch (Throwable failure) {
        failure.printStackTrace();
      } finally {
        Runtime.getRuntime().halt(1);
      }
    }

    private static void work(String uri, Duration timeout, String copies) throws Exception {
      RedisStoreBuilder builder =
          RedisStore.builder()
              .uri(uri)
              .commandTimeout(timeout)
              .connectTimeout(timeout.multipliedBy(5));
      if (!copies.equals("0")) {
        builder.invalidationCopies(Integer.parseInt(copies)).copyTimeout(timeout);
      }
      try (RedisStore store = builder.connect();
          CacheAside<String, String> cache = NearPair.cache(store).build();
          BufferedReader orders =
              new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
        System.out.println("started");
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
          System.out.println(change(cache, order.split(" ")));
        }
      }
    }

    private static String change(CacheAside<String, String> cache, String... order) {
      try {
        if (order[0].equals("put")) {
          cache.put(order[1], order[2]);
        } else {
          cache.invalidate(order[1]);
        }
        return String.valueOf(System.nanoTime());
      } catch (InvalidationFailedException e) {
        return UNCONFIRMED;
      }
    }
  }
}
