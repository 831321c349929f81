package io.cacheaside.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A JVM with callers that all ask for a key at a given moment: {@link #main} is its side, an
 * instance is the other's. They share a clock, as in {@link WaitingJvm}.
 */
final class StampedeJvm implements AutoCloseable {
  private static final Map<String, Function<String, Contender.Loading>> CONTENDERS =
      new LinkedHashMap<>();

  static {
    CONTENDERS.put(Ours.NAME, Ours::new);
    CONTENDERS.put("JetCache, protected", JetCache::protecting);
    CONTENDERS.put("Spring Data Redis, locking", SpringCache::locking);
    CONTENDERS.put("Spring Data Redis", SpringCache::byDefault);
    CONTENDERS.put(RawLettuce.NAME, RawLettuce::new);
  }

  static final List<String> NAMES = List.copyOf(CONTENDERS.keySet());

  private final Process process;
  private final BufferedReader output;
  private final BufferedWriter input;

  /**
   * What happened in one JVM.
   *
   * @param nanos one number for each caller
   */
  record Answer(int loads, List<Long> nanos) {}

  private StampedeJvm(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.US_ASCII);
    this.input = process.outputWriter(StandardCharsets.US_ASCII);
  }

  static StampedeJvm start(String redisUri) throws IOException {
    StampedeJvm jvm = new StampedeJvm(Jvm.other(StampedeJvm.class, redisUri).start());
    jvm.line();
    return jvm;
  }

  void ask(String contender, String key, long startNanos) throws IOException {
    input.append("%d;%s;%d%n".formatted(NAMES.indexOf(contender), key, startNanos)).flush();
  }

  Answer answer() throws IOException {
    List<Long> numbers = Arrays.stream(line().split(",")).map(Long::valueOf).toList();
    return new Answer(numbers.get(0).intValue(), numbers.subList(1, numbers.size()));
  }

  private String line() throws IOException {
    return Objects.requireNonNull(output.readLine(), "a JVM with callers has ended");
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  /** Lets callers ask for each key that comes in, until the input ends. */
  public static void main(String... args) throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(Stampede.CALLERS_EACH);
    List<Contender.Loading> contenders = new ArrayList<>();
    CONTENDERS.values().forEach(each -> contenders.add(each.apply(args[0])));
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
      System.out.println("ready");
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] parts = line.split(";", 3);
        Contender.Loading contender = contenders.get(Integer.parseInt(parts[0]));
        System.out.println(stampede(contender, parts[1], Long.parseLong(parts[2]), callers));
      }
    } finally {
      callers.shutdownNow();
      contenders.forEach(Contender::close);
    }
  }

  private static String stampede(
      Contender.Loading contender, String key, long startNanos, ExecutorService callers)
      throws InterruptedException, ExecutionException {
    LongAdder loads = new LongAdder();
    Order order = Order.of(key, Order.SMALL_BYTES);
    List<Future<Long>> calls = new ArrayList<>();
    for (int i = 0; i < Stampede.CALLERS_EACH; i++) {
      calls.add(callers.submit(() -> call(contender, key, startNanos, order, loads)));
    }
    List<Long> numbers = new ArrayList<>();
    for (Future<Long> each : calls) {
      numbers.add(each.get());
    }
    numbers.add(0, loads.sum());
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private static long call(
      Contender.Loading contender, String key, long startNanos, Order order, LongAdder loads) {
    for (long left = startNanos - System.nanoTime(); left > 0; ) {
      LockSupport.parkNanos(left);
      left = startNanos - System.nanoTime();
    }
    long called = System.nanoTime();
    Order got =
        contender.get(
            key,
            () -> {
              loads.increment();
              sleep();
              return order;
            });
    long nanos = System.nanoTime() - called;
    if (!order.equals(got)) {
      throw new IllegalStateException(key + " is " + got);
    }
    return nanos;
  }

  private static void sleep() {
    try {
      Thread.sleep(Stampede.LOADER_MILLIS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
