package io.cacheaside.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.testkit.RedisServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The small programs print what their readers expect. */
@Tag("full")
class ExamplesTest {
  private static RedisServer redis;

  @BeforeAll
  static void startRedis() {
    redis = RedisServer.start();
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @Test
  void quickStartLoadsOnceAndReadsTheChange() {
    assertThat(linesOf(QuickStart::main))
        .startsWith(
            "User[id=42, name=Ada]", "User[id=42, name=Ada]", "User[id=42, name=Ada Lovelace]")
        .anyMatch(line -> line.startsWith("hits=1, misses=2"))
        .anyMatch(line -> line.startsWith("loads=2"));
  }

  @Test
  void asyncQuickStartReadsTheChange() {
    assertThat(linesOf(AsyncQuickStart::main))
        .containsExactly("User[id=42, name=Ada]", "User[id=42, name=Ada Lovelace]");
  }

  @Test
  void batchLoadsOnlyWhatIsMissing() {
    assertThat(linesOf(BatchExample::main))
        .filteredOn(line -> line.startsWith("the source"))
        .containsExactly(
            "the source is asked for [1, 2]",
            "the source is asked for [3]",
            "the source is asked for [1, 3]");
  }

  @Test
  void aWriterInvalidates() {
    assertThat(linesOf(WriteThenInvalidateExample::main)).containsExactly("in stock", "sold out");
  }

  private static List<String> linesOf(Consumer<String[]> program) {
    PrintStream original = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      program.accept(new String[] {redis.uri()});
    } finally {
      System.setOut(original);
    }
    return printed.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
