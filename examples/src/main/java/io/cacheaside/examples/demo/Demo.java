package io.cacheaside.examples.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Plays the scenarios that the arguments ask for. Created once for each run. */
public final class Demo {
  /** The exit code if every scenario showed what it claims. */
  static final int SHOWN = 0;

  /** The exit code if one did not. */
  static final int NOT_SHOWN = 1;

  /** The exit code if they could not be played to the end. */
  static final int NOT_PLAYED = 2;

  static final List<Scenario> SCENARIOS =
      List.of(
          new HitAndMiss(),
          new InvalidateAfterUpdate(),
          new ManyKeys(),
          new TimeToLive(),
          new InvalidateByPattern(),
          new RedisOutage(),
          new Stampede(),
          new StaleSetRace());

  private static final String HELP =
      """
      Shows what the cache does on a real Redis and a real SQL database, in eight scenarios.

        ./demo          plays them all
        ./demo 7        plays one, ./demo 2 8 several
        ./demo --list   lists them
        ./demo --help   shows this text

      Redis:     one that the demo starts, or yours:
                 REDIS_URL='redis://user:password@host:6379/0'
      Database:  H2 in temporary files, or your PostgreSQL:
                 DATABASE_URL='jdbc:postgresql://host:5432/database?user=me&password=secret'

      Keys and tables have a prefix and a schema of their own, which are removed at the end.
      Exit code: 0 if the counts of every scenario are as claimed, 1 if not, 2 if it could not play.""";

  private static final int CLEAN_UP_LIMIT_SECONDS = 30;

  private final List<Scenario> scenarios;
  private final Map<String, String> environment;
  private final Screen screen;
  private final CountDownLatch ended = new CountDownLatch(1);
  private @Nullable Thread player;
  private volatile boolean stopped;

  /**
   * Prepares a run.
   *
   * @param environment may name the user's servers
   */
  Demo(List<Scenario> scenarios, Map<String, String> environment, Screen screen) {
    this.scenarios = scenarios;
    this.environment = environment;
    this.screen = screen;
  }

  /** Runs the demo; {@code --help} tells how. */
  public static void main(String... args) {
    Screen screen = new Screen(System.out, Boolean.getBoolean("demo.colour"));
    Demo demo = new Demo(SCENARIOS, System.getenv(), screen);
    Runtime.getRuntime().addShutdownHook(new Thread(demo::stop, "demo-stop"));
    System.exit(demo.run(args));
  }

  /** Ends what is being played, after Ctrl-C for instance, and waits until all is cleaned up. */
  private void stop() {
    synchronized (this) {
      stopped = true;
      if (player != null) {
        player.interrupt();
      }
    }
    try {
      ended.await(CLEAN_UP_LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Does what the arguments say and returns the exit code. */
  int run(String... args) {
    try {
      if (Arrays.asList(args).contains("--help")) {
        screen.plain(HELP);
      } else if (Arrays.asList(args).contains("--list")) {
        numbers().forEach(number -> screen.plain(number + ". " + scenario(number).title()));
      } else {
        return play(args.length == 0 ? numbers() : numbers(args));
      }
      return SHOWN;
    } catch (Exception e) {
      screen.plain("The demo could not go on: " + e.getMessage());
      return NOT_PLAYED;
    } finally {
      ended.countDown();
    }
  }

  private List<Integer> numbers() {
    return IntStream.rangeClosed(1, scenarios.size()).boxed().toList();
  }

  private List<Integer> numbers(String... args) {
    List<Integer> numbers = new ArrayList<>();
    for (String arg : args) {
      if (!arg.matches("[1-" + scenarios.size() + "]")) {
        throw new IllegalArgumentException(
            "'" + arg + "' is no scenario; use 1 to " + scenarios.size() + ", --list or --help");
      }
      numbers.add(Integer.valueOf(arg));
    }
    return numbers;
  }

  private Scenario scenario(int number) {
    return scenarios.get(number - 1);
  }

  private int play(List<Integer> numbers) throws Exception {
    String id = Integer.toHexString(ThreadLocalRandom.current().nextInt(1 << 24, 1 << 28));
    try (Redis redis = Redis.open(environment.get("REDIS_URL"));
        TemporarySchema schema =
            TemporarySchema.create(environment.get("DATABASE_URL"), "demo_" + id);
        Stage stage = new Stage(redis, "demo:" + id + ":", schema.database(), screen)) {
      screen.plain("Redis:     " + redis);
      screen.plain("Database:  " + schema + ", " + new Catalogue(schema.database()).create());
      return play(numbers, stage);
    }
  }

  private int play(List<Integer> numbers, Stage stage) {
    long start = System.nanoTime();
    ResultTable table = new ResultTable();
    beginToPlay();
    for (int number : numbers) {
      if (!stopped) {
        table.add(number, scenario(number), play(number, stage));
      }
    }
    endToPlay();
    if (stopped) {
      screen.plain("Stopped.");
      return NOT_PLAYED;
    }
    table.print(screen, Duration.ofNanos(System.nanoTime() - start));
    return table.isAllAsClaimed() ? SHOWN : NOT_SHOWN;
  }

  private synchronized void beginToPlay() {
    player = Thread.currentThread();
  }

  /** From here on nobody interrupts this thread, so that it can clean up. */
  private synchronized void endToPlay() {
    player = null;
    Thread.interrupted();
  }

  private Evidence play(int number, Stage stage) {
    Scenario scenario = scenario(number);
    screen.heading(number, scenario.title());
    screen.say("%s", scenario.plan());
    screen.code(Snippet.of(scenario.shownSource()));
    Evidence evidence = evidence(scenario, stage);
    if (!stopped) {
      screen.verdict(evidence);
    }
    return evidence;
  }

  private static Evidence evidence(Scenario scenario, Stage stage) {
    try {
      return scenario.play(stage);
    } catch (Exception e) {
      return Evidence.ofFailure(e);
    }
  }
}
