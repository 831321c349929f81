package io.cacheaside.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The demo tells what it saw, and its exit code is about that. */
@Tag("full")
class DemoTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @Test
  void listsTheScenariosByNumber() {
    assertThat(run("--list")).isEqualTo(Demo.SHOWN);
    assertThat(output().lines()).hasSize(8).first().isEqualTo("1. Hit and miss");
  }

  @Test
  void helpNamesWhatCanBeSet() {
    assertThat(run("--help")).isEqualTo(Demo.SHOWN);
    assertThat(output()).contains("./demo 7", "REDIS_URL", "DATABASE_URL");
  }

  @Test
  void refusesAScenarioThatIsNotThere() {
    assertThat(run("9")).isEqualTo(Demo.NOT_PLAYED);
    assertThat(output()).contains("'9' is no scenario");
  }

  @Test
  void playsWhatIsAskedForWithCodeEvidenceAndTable() {
    assertThat(run("2", "5")).as(output()).isEqualTo(Demo.SHOWN);
    assertThat(output())
        .containsSubsequence(
            "2. Invalidation after an update",
            "| products.writeThenInvalidate(SKU",
            "=> ok: ",
            "5. Invalidation by pattern",
            "| long removed = products.invalidateMatching(\"book-*\");",
            "=> ok: 300 removed, 0 books left",
            "| # | scenario",
            "2 of 2 scenarios showed what they claim");
  }

  @Test
  void aWrongCountAndAFailureAreNotShownAndStopNothing() {
    List<Scenario> scenarios =
        List.of(
            new Scripted(stage -> Evidence.of(Evidence.exactly(1, 2, "queries"))),
            new Scripted(
                stage -> {
                  throw new IllegalStateException("as planned");
                }),
            new Scripted(stage -> Evidence.of(Evidence.atLeast(1, 1, "hits"))));

    assertThat(run(scenarios, Map.of())).isEqualTo(Demo.NOT_SHOWN);
    assertThat(output())
        .contains(
            "=> NOT SHOWN: 2 queries (NOT 1)",
            "=> NOT SHOWN: it failed: java.lang.IllegalStateException: as planned",
            "=> ok: 1 hits",
            "1 of 3 scenarios showed what they claim");
  }

  @Test
  void aWrongAddressIsRefusedWithoutShowingItsPassword() {
    String address = "redis-cluster://:secret@localhost:6379";

    assertThat(run(Demo.SCENARIOS, Map.of("REDIS_URL", address))).isEqualTo(Demo.NOT_PLAYED);
    assertThat(output()).contains("REDIS_URL has to name one server").doesNotContain("secret");
  }

  @Test
  void aWrongDatabaseIsRefusedWithoutShowingItsPassword() {
    String address = "jdbc:other://localhost/shop?password=secret";

    assertThat(run(Demo.SCENARIOS, Map.of("DATABASE_URL", address))).isEqualTo(Demo.NOT_PLAYED);
    assertThat(output()).contains("DATABASE_URL has to be like").doesNotContain("secret");
  }

  private int run(String... args) {
    return run(Demo.SCENARIOS, Map.of(), args);
  }

  private int run(List<Scenario> scenarios, Map<String, String> environment, String... args) {
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    return new Demo(scenarios, environment, new Screen(out, false)).run(args);
  }

  private String output() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  private interface Script {
    Evidence play(Stage stage);
  }

  private record Scripted(Script script) implements Scenario {
    @Override
    public String title() {
      return "Scripted";
    }

    @Override
    public String plan() {
      return "Plays what the test says, 100 % of it.";
    }

    @Override
    public String claim() {
      return "any";
    }

    @Override
    public Class<?> shownSource() {
      return NaiveCache.class;
    }

    @Override
    public Evidence play(Stage stage) {
      return script.play(stage);
    }
  }
}
