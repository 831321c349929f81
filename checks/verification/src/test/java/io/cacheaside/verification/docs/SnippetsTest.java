package io.cacheaside.verification.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.cacheaside.testkit.RedisServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every fence of Java in the documentation compiles, and those that say so run. */
@Tag("docs")
class SnippetsTest {
  @TempDir static Path folder;
  private static RedisServer redis;
  private static SnippetCompiler compiler;
  private static List<String> problems;

  @BeforeAll
  static void compileAll() throws Exception {
    redis = RedisServer.start();
    compiler = compiler("documentation");
    problems = compiler.compile(snippets());
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  static List<Snippet> snippets() {
    return Documents.pages().stream()
        .flatMap(page -> Snippet.in(page, Documents.lines(page)).stream())
        .toList();
  }

  static List<Snippet> snippetsThatRun() {
    return snippets().stream().filter(snippet -> snippet.kind().runs()).toList();
  }

  @Test
  void everySnippetCompiles() {
    assertThat(problems).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("snippetsThatRun")
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void aSnippetThatRunsPrintsWhatItSays(Snippet snippet) throws Exception {
    assumeThat(problems).isEmpty();
    redis.command("FLUSHALL");

    assertPrintsWhatItSays(snippet, compiler);
  }

  private static void assertPrintsWhatItSays(Snippet snippet, SnippetCompiler compiled)
      throws Exception {
    List<String> printed = new SnippetRun(snippet, compiled.classes()).printedLines();

    assertThat(printed).as("what %s prints", snippet).isEqualTo(snippet.prints());
  }

  private static SnippetCompiler compiler(String name) throws Exception {
    return new SnippetCompiler(Files.createDirectories(folder.resolve(name)), redis.uri());
  }

  // ---- Mistakes are noticed ---------------------------------------------------------------------

  @Test
  void aSnippetThatDoesNotCompileIsReportedWithItsLine() throws Exception {
    List<Snippet> broken = page("Text.", "```java", "int i = 1;", "i.length();", "```");

    assertThat(compiler("broken").compile(broken))
        .containsExactly("page.md:4: int cannot be dereferenced");
  }

  @Test
  void aSnippetThatPrintsSomethingElseIsReported() throws Exception {
    List<Snippet> wrong =
        page("<!-- snippet: run -->", "```java", "System.out.println(1); // prints 2", "```");
    SnippetCompiler compiled = compiler("wrong");

    assertThat(compiled.compile(wrong)).isEmpty();
    assertThatThrownBy(() -> assertPrintsWhatItSays(wrong.get(0), compiled))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("page.md:3");
  }

  @Test
  void aSnippetThatThrowsIsReported() throws Exception {
    List<Snippet> throwing =
        page(
            "<!-- snippet: program -->",
            "```java",
            "class Main {",
            "  public static void main(String... args) {",
            "    throw new IllegalStateException(\"no\");",
            "  }",
            "}",
            "```");
    SnippetCompiler compiled = compiler("throwing");

    assertThat(compiled.compile(throwing)).isEmpty();
    assertThatThrownBy(() -> assertPrintsWhatItSays(throwing.get(0), compiled))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aWrongKindOrAFenceWithoutEndIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> page("<!-- snippet: ran -->", "```java", "```"))
        .withMessage("page.md:1: no such kind: <!-- snippet: ran -->");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> page("```java", "int i;"))
        .withMessage("page.md:1: a fence that does not end");
  }

  private static List<Snippet> page(String... lines) {
    return Snippet.in("page.md", List.of(lines));
  }
}
