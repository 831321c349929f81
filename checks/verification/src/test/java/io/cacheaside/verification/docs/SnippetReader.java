package io.cacheaside.verification.docs;

import io.cacheaside.verification.docs.Fence.Kind;
import io.cacheaside.verification.docs.Fence.Line;
import java.util.ArrayList;
import java.util.List;

/** Reads a page from top to bottom, and gives each snippet what the page has shown before it. */
final class SnippetReader {
  private final List<Snippet> snippets = new ArrayList<>();
  private final List<Line> imports = new ArrayList<>();
  private final List<Line> members = new ArrayList<>();

  private SnippetReader() {}

  /** Returns the snippets of a page. */
  static List<Snippet> read(String page, List<String> lines) {
    SnippetReader reader = new SnippetReader();
    Fence.in(page, lines).forEach(reader::add);
    return reader.snippets;
  }

  private void add(Fence fence) {
    switch (fence.kind()) {
      case PROGRAM -> add(fence, List.of(), List.of(), fence.lines());
      case MORE -> addToProgram(fence);
      default -> addToClass(fence);
    }
  }

  private void addToProgram(Fence fence) {
    for (int i = snippets.size() - 1; i >= 0; i--) {
      if (snippets.get(i).hasRoom()) {
        snippets.set(i, snippets.get(i).with(fence));
        return;
      }
    }
    throw new IllegalArgumentException(
        fence.page() + ":" + fence.line() + ": no program above says " + Snippet.HERE);
  }

  private void addToClass(Fence fence) {
    imports.addAll(fence.imports());
    add(fence, imports, members, fence.body());
    if (fence.kind() == Kind.SETUP) {
      members.addAll(fence.body());
    }
  }

  private void add(Fence fence, List<Line> above, List<Line> around, List<Line> code) {
    snippets.add(
        new Snippet(
            fence.page(),
            fence.line(),
            fence.kind(),
            List.copyOf(above),
            List.copyOf(around),
            code));
  }
}
