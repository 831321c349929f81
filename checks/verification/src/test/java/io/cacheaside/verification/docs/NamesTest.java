package io.cacheaside.verification.docs;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tests and tags that the documentation names are there. */
@Tag("docs")
class NamesTest {
  private static final Pattern TEST =
      Pattern.compile("(?:`|-Dtest=)([A-Z]\\w*(?:Test|Contract))(?:#(\\w+))?\\b");
  private static final Pattern TAG = Pattern.compile("(?m)^ *@Tag\\(\"(\\w+)\"\\)");
  private static final Pattern TAG_ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\|");
  private static final Map<String, String> SOURCES =
      Documents.sources().stream()
          .collect(
              Collectors.toMap(
                  file -> file.getFileName().toString().replace(".java", ""),
                  Documents::text,
                  String::concat));

  static List<String> pages() {
    return Documents.pages();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyTestThatIsNamedIsThere(String page) {
    assertThat(missingTests(Documents.text(page))).isEmpty();
  }

  private static List<String> missingTests(String text) {
    Stream<MatchResult> named = TEST.matcher(text).results();
    return named.filter(test -> !isThere(test)).map(MatchResult::group).toList();
  }

  private static boolean isThere(MatchResult test) {
    String source = SOURCES.get(test.group(1));
    String method = test.group(2);
    return source != null && (method == null || source.contains(" " + method + "("));
  }

  @Test
  void theTableOfTagsIsComplete() {
    Set<String> used =
        SOURCES.values().stream()
            .flatMap(source -> TAG.matcher(source).results())
            .map(match -> match.group(1))
            .collect(toSet());
    String section = Documents.text("CONTRIBUTING.md").split("\n## Tests\n")[1];
    Set<String> stated =
        TAG_ROW.matcher(section.split("\n## ")[0]).results().map(m -> m.group(1)).collect(toSet());

    assertThat(stated).isEqualTo(used);
  }

  @Test
  void aTestThatIsNotThereIsNoticed() {
    assertThat(missingTests("`NamesTest`, `NamesTest#pages`, -Dtest=NamesTest")).isEmpty();
    assertThat(missingTests("`NoSuchTest`, `NamesTest#noSuchMethod`, -Dtest=NoTest")).hasSize(3);
  }
}
