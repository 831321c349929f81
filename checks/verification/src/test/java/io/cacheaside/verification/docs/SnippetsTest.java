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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every fence of Java in the documentation compiles, and those that say so run. */
@Tag("docs")
class SnippetsTest {
  private static final Pattern DELETE =
      Pattern.compile("delete\\s+the\\s+lines\\s+with\\s+`([^`]+)`\\s+and\\s+`([^`]+)`");

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
    return Documents.pages().stream().flatMap(page -> snippets(page).stream()).toList();
  }

  private static List<Snippet> snippets(String page) {
    return SnippetReader.read(page, Documents.lines(page));
  }

  static List<Snippet> snippetsThatRun() {
    return snippets().stream().filter(snippet -> snippet.runs()).toList();
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

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/quick-start.md"})
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void aProgramRunsWithoutRedisOnceTheLinesThatThePageNamesAreDeleted(String page)
      throws Exception {
    List<Snippet> shorter = List.of(program(page).withoutLinesWith(linesToDelete(page)));
    SnippetCompiler compiled = compiler("without-redis-" + page.replaceAll("\\W", "-"));

    assertThat(shorter.get(0).source(redis.uri())).doesNotContain("RedisStore.connect");
    assertThat(compiled.compile(shorter)).isEmpty();
    assertPrintsWhatItSays(shorter.get(0), compiled);
  }

  private static Snippet program(String page) {
    return snippets(page).stream()
        .filter(snippet -> snippet.kind() == Fence.Kind.PROGRAM)
        .findFirst()
        .orElseThrow();
  }

  private static List<String> linesToDelete(String page) {
    Matcher sentence = DELETE.matcher(Documents.text(page));
    assertThat(sentence.find()).isTrue();
    return List.of(sentence.group(1), sentence.group(2));
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
  void aNameThatThePageDoesNotShowIsReportedWithItsLine() throws Exception {
    List<Snippet> invisible = page("Text.", "```java", "int i = 1;", "i = users.size();", "```");

    assertThat(compiler("invisible").compile(invisible))
        .singleElement()
        .asString()
        .startsWith("page.md:4: cannot find symbol")
        .contains("variable users");
  }

  @Test
  void aSetupAndItsImportsHoldForTheFencesBelowOnly() throws Exception {
    List<Snippet> late =
        page(
            "```java",
            "Map<String, String> above = users;",
            "```",
            "<!-- snippet: setup -->",
            "```java",
            "import java.util.Map;",
            "",
            "Map<String, String> users = Map.of();",
            "```",
            "```java",
            "Map<String, String> below = users;",
            "```");

    assertThat(compiler("late").compile(late))
        .hasSize(2)
        .allMatch(problem -> problem.startsWith("page.md:2: cannot find symbol"));
  }

  @Test
  void aMistakeInWhatAProgramTakesInIsReportedWithItsLine() throws Exception {
    List<Snippet> broken =
        page(
            "<!-- snippet: program -->",
            "```java",
            "class Main {",
            "  public static void main(String... args) {",
            "    " + Snippet.HERE,
            "  }",
            "}",
            "```",
            "<!-- snippet: more -->",
            "```java",
            "import java.time.Duration;",
            "",
            "Duration second = 1;",
            "```");

    assertThat(compiler("more").compile(broken))
        .containsExactly(
            "page.md:13: incompatible types: int cannot be converted to java.time.Duration");
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
  void aFenceOfWrongKindOrWithoutEndOrProgramIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> page("<!-- snippet: ran -->", "```java", "```"))
        .withMessage("page.md:1: no such kind: <!-- snippet: ran -->");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> page("```java", "int i;"))
        .withMessage("page.md:1: a fence that does not end");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> page("<!-- snippet: more -->", "```java", "int i;", "```"))
        .withMessage("page.md:3: no program above says " + Snippet.HERE);
  }

  private static List<Snippet> page(String... lines) {
    return SnippetReader.read("page.md", List.of(lines));
  }
}
