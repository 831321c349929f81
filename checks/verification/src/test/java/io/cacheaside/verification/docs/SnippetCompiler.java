package io.cacheaside.verification.docs;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/** Compiles snippets, all of them in one go, into a folder. */
final class SnippetCompiler {
  private final Path folder;
  private final String redisUri;

  SnippetCompiler(Path folder, String redisUri) {
    this.folder = folder;
    this.redisUri = redisUri;
  }

  /** Returns what is wrong with the snippets, each problem with page and line. */
  List<String> compile(List<Snippet> snippets) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    try (StandardJavaFileManager files =
        compiler.getStandardFileManager(problems, Locale.ROOT, null)) {
      files.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(folder));
      List<String> options =
          List.of("--release", "17", "-proc:none", "-Xlint:deprecation", "-Xmaxerrs", "1000");
      List<Source> sources = snippets.stream().map(snippet -> new Source(snippet)).toList();
      compiler.getTask(null, files, problems, options, null, sources).call();
    }
    return problems.getDiagnostics().stream().map(SnippetCompiler::describe).distinct().toList();
  }

  private static String describe(Diagnostic<? extends JavaFileObject> problem) {
    String where =
        problem.getSource() instanceof Source source
            ? source.snippet.page() + ":" + source.lineOfPage(problem) + ": "
            : "";
    return where + problem.getMessage(Locale.ROOT);
  }

  /** Returns a loader of what was compiled. */
  URLClassLoader classes() throws IOException {
    return new URLClassLoader(
        new URL[] {folder.toUri().toURL()}, SnippetCompiler.class.getClassLoader());
  }

  private final class Source extends SimpleJavaFileObject {
    final Snippet snippet;

    Source(Snippet snippet) {
      super(
          URI.create("snippet:///" + snippet.className().replace('.', '/') + ".java"), Kind.SOURCE);
      this.snippet = snippet;
    }

    int lineOfPage(Diagnostic<?> problem) {
      return snippet.lineOfPage(problem.getLineNumber());
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return snippet.source(redisUri);
    }
  }
}
