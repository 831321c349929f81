package io.cacheaside.verification.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
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

  static List<String> pages() {
    return Documents.pages();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyLinkLeadsSomewhere(String page) {
    assertThat(brokenLinks(page, Documents.text(page))).isEmpty();
  }

  @Test
  void everyPageCanBeReachedFromTheReadme() {
    Set<String> reached = new LinkedHashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of("README.md"));
    while (!open.isEmpty()) {
      String page = open.remove();
      if (reached.add(page) && pages().contains(page)) {
        links(Documents.text(page)).forEach(link -> open.add(target(page, link)));
      }
    }
    assertThat(reached).containsAll(pages());
  }

  private static List<String> brokenLinks(String page, String text) {
    return links(text).stream().filter(link -> !leadsSomewhere(page, text, link)).toList();
  }

  private static List<String> links(String text) {
    return LINK.matcher(FENCE.matcher(text).replaceAll(""))
        .results()
        .map(match -> match.group(1))
        .filter(link -> !ELSEWHERE.matcher(link).matches())
        .toList();
  }

  private static boolean leadsSomewhere(String page, String text, String link) {
    String target = target(page, link);
    int hash = link.indexOf('#');
    if (!Files.exists(Documents.file(target))) {
      return false;
    }
    String where = target.equals(page) ? text : hash < 0 ? "" : Documents.text(target);
    return hash < 0 || anchors(where).contains(link.substring(hash + 1));
  }

  private static String target(String page, String link) {
    int hash = link.indexOf('#');
    String file = hash < 0 ? link : link.substring(0, hash);
    return file.isEmpty() ? page : Path.of(page).resolveSibling(file).normalize().toString();
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
    String page = "docs/page.md";

    assertThat(brokenLinks(page, "[a](adr) [b](../README.md#sixty-seconds)")).isEmpty();
    assertThat(brokenLinks(page, "[a](ard) [b](../README.md#no-such-heading)")).hasSize(2);
    assertThat(brokenLinks("README.md", "# Two words!\n[a](#two-words) [b](#two)"))
        .containsExactly("#two");
  }
}
