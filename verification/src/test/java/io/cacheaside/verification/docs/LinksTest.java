package io.cacheaside.verification.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Links between the pages, and from them to files of the project, lead somewhere. */
@Tag("docs")
class LinksTest {
  private static final Pattern LINK = Pattern.compile("\\[[^\\[\\]]+]\\(([^()\\s]+)\\)");
  private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
  private static final Pattern FENCE = Pattern.compile("(?ms)^ *```.*?^ *```$");

  static List<Path> pages() {
    return Documents.pages();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyLinkLeadsSomewhere(Path page) {
    assertThat(brokenLinks(page, Documents.text(page))).isEmpty();
  }

  @Test
  void everyPageCanBeReachedFromTheReadme() {
    Set<Path> reached = new java.util.LinkedHashSet<>();
    List<Path> open = new ArrayList<>(List.of(Documents.page("README.md")));
    while (!open.isEmpty()) {
      Path page = open.remove(0);
      if (reached.add(page) && page.toString().endsWith(".md")) {
        links(Documents.text(page)).forEach(link -> open.add(target(page, link)));
      }
    }
    assertThat(reached).containsAll(pages());
  }

  private static List<String> brokenLinks(Path page, String text) {
    return links(text).stream().filter(link -> !leadsSomewhere(page, text, link)).toList();
  }

  private static List<String> links(String text) {
    return LINK.matcher(FENCE.matcher(text).replaceAll(""))
        .results()
        .map(match -> match.group(1))
        .filter(link -> !ELSEWHERE.matcher(link).matches())
        .toList();
  }

  private static boolean leadsSomewhere(Path page, String text, String link) {
    Path target = target(page, link);
    int hash = link.indexOf('#');
    if (hash == 0) {
      return anchors(text).contains(link.substring(1));
    }
    return Files.exists(target)
        && (hash < 0 || anchors(Documents.text(target)).contains(link.substring(hash + 1)));
  }

  private static Path target(Path page, String link) {
    int hash = link.indexOf('#');
    String file = hash < 0 ? link : link.substring(0, hash);
    return file.isEmpty() ? page : page.resolveSibling(file).normalize();
  }

  private static Set<String> anchors(String text) {
    return HEADING
        .matcher(FENCE.matcher(text).replaceAll(""))
        .results()
        .map(LinksTest::anchor)
        .collect(Collectors.toSet());
  }

  /** Returns the anchor that GitHub gives a heading. */
  private static String anchor(MatchResult heading) {
    return heading
        .group(1)
        .strip()
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{IsAlphabetic}\\p{Digit} _-]", "")
        .replace(' ', '-');
  }

  @Test
  void aBrokenLinkIsNoticed() {
    Path page = Documents.page("README.md");

    assertThat(brokenLinks(page, "# Two words!\n[a](#two-words) [b](docs) [c](LICENSE)")).isEmpty();
    assertThat(brokenLinks(page, "[a](#two) [b](doc) [c](README.md#no-such-heading)")).hasSize(3);
  }
}
