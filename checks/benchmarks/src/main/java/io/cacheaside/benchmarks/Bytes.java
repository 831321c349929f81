package io.cacheaside.benchmarks;

import io.cacheaside.CacheAside;
import io.cacheaside.benchmarks.Report.Value;
import io.cacheaside.benchmarks.Turns.Cost;
import io.cacheaside.codec.Codec;
import io.cacheaside.jackson.JsonCodec;
import io.cacheaside.msgpack.MessagePackCodec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.zstd.ZstdCodec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/** Measures the bytes of entries, and the time that codecs take for them. */
final class Bytes {
  private static final double NANOS_PER_MICRO = 1_000;
  private static final Codec<Order> JSON = JsonCodec.of(Order.class);
  private static final Codec<Order> MESSAGE_PACK = MessagePackCodec.of(Order.class);

  private Bytes() {}

  static void measure(Effort effort, Report report)
      throws InterruptedException, ExecutionException {
    report.begin(
        "Bytes",
        """
        What an entry has besides its value, and what codecs make of the same order. By default the
        compressing codecs leave a small payload as it is, but for a byte that says so.""");
    report.add("Header of an entry without tags", "B", header(), Goal.atMost(48, "B"));
    for (int bytes : new int[] {Order.SMALL_BYTES, Order.LARGE_BYTES}) {
      codecs(bytes, effort, report);
    }
  }

  private static Value header() {
    String order = "order";
    try (RedisServer server = RedisServer.start();
        RedisStore store = RedisStore.connect(server.uri());
        CacheAside<String, String> cache =
            CacheAside.builder("bytes", Codec.string()).store(store).build()) {
      cache.put(order, order);
      Object length = server.command("STRLEN", "cache:bytes:" + order);
      return new Value(Double.parseDouble(String.valueOf(length)) - order.length(), "");
    }
  }

  private static void codecs(int bytes, Effort effort, Report report)
      throws InterruptedException, ExecutionException {
    Order order = Order.of("user-1", bytes);
    Map<String, Codec<Order>> codecs = new LinkedHashMap<>();
    codecs.put("JSON", JSON);
    codecs.put("JSON, GZIP", JSON.gzip());
    codecs.put("JSON, Zstandard", ZstdCodec.of(JSON));
    codecs.put("MessagePack", MESSAGE_PACK);
    codecs.put("MessagePack, GZIP", MESSAGE_PACK.gzip());
    codecs.put("MessagePack, Zstandard", ZstdCodec.of(MESSAGE_PACK));
    Turns encoding = race(codecs, effort, "encode", codec -> () -> codec.encode(order));
    Turns decoding =
        race(
            codecs,
            effort,
            "decode",
            codec -> {
              byte[] encoded = codec.encode(order);
              return () -> codec.decode(ByteBuffer.wrap(encoded));
            });
    List<List<String>> rows = new ArrayList<>();
    codecs.forEach(
        (name, codec) ->
            rows.add(
                List.of(
                    name,
                    Samples.format(codec.encode(order).length),
                    micros(encoding, name),
                    micros(decoding, name),
                    Samples.format(decoding.value(name, Cost::bytes).number()))));
    report.addTable(
        List.of(
            "An order of " + Samples.bytes(bytes),
            "bytes",
            "encode, µs (spread)",
            "decode, µs (spread)",
            "decode, B/op"),
        rows);
  }

  private static String micros(Turns turns, String name) {
    return turns.value(name, cost -> cost.nanos() / NANOS_PER_MICRO).text();
  }

  /** What is repeated. */
  private interface Step {
    Object take();
  }

  private interface Steps {
    Step of(Codec<Order> codec);
  }

  private static Turns race(
      Map<String, Codec<Order>> codecs, Effort effort, String what, Steps steps)
      throws InterruptedException, ExecutionException {
    try (Race race = new Race(effort, 1)) {
      codecs.forEach(
          (name, codec) -> {
            Step step = steps.of(codec);
            race.enter(
                name,
                keys -> {
                  if (step.take() == keys) {
                    throw new IllegalStateException();
                  }
                });
          });
      return race.run(what);
    }
  }
}
