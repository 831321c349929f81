package io.cacheaside.verification.lines;

import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Compiles lines for Java 17 with every warning, each in a class of its own. */
final class LineCompiler implements AutoCloseable {
  private static final List<String> OPTIONS =
      List.of("--release", "17", "-proc:none", "-Xlint:all", "-Xmaxerrs", "1000");

  private final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
  private final JavaFileManager files = compiler.getStandardFileManager(null, Locale.ROOT, null);

  /**
   * Returns what the compiler says of each line. An error hides errors of other lines, so those
   * that have to have one are compiled alone.
   */
  Map<Line, List<String>> complaints(List<Line> lines) throws IOException {
    Map<Line, List<String>> said = new LinkedHashMap<>();
    lines.forEach(line -> said.put(line, new ArrayList<>()));
    compile(lines.stream().filter(Line::compiles).toList(), said);
    for (Line line : lines.stream().filter(line -> !line.compiles()).toList()) {
      compile(List.of(line), said);
    }
    return said;
  }

  private void compile(List<Line> lines, Map<Line, List<String>> said) throws IOException {
    DiagnosticCollector<JavaFileObject> all = new DiagnosticCollector<>();
    List<Source> sources = lines.stream().map(Source::new).toList();
    ((JavacTask) compiler.getTask(null, files, all, OPTIONS, null, sources)).analyze();
    for (Diagnostic<? extends JavaFileObject> one : all.getDiagnostics()) {
      if (one.getSource() instanceof Source source) {
        said.get(source.line).add(text(one));
      }
    }
  }

  @Override
  public void close() throws IOException {
    files.close();
  }

  /** Returns a message in one line, with simple names of types. */
  private static String text(Diagnostic<?> diagnostic) {
    return diagnostic
        .getMessage(Locale.ROOT)
        .replaceAll("\\b(\\w+\\.)+(?=[A-Z])", "")
        .replaceAll("\\s+", " ");
  }

  private static final class Source extends SimpleJavaFileObject {
    final Line line;

    Source(Line line) {
      super(URI.create("line:///" + line.className() + ".java"), Kind.SOURCE);
      this.line = line;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return """
          package io.cacheaside.verification.lines;

          import io.cacheaside.*;
          import io.cacheaside.codec.*;
          import io.cacheaside.config.*;
          import io.cacheaside.jackson.*;
          import io.cacheaside.store.*;
          import java.io.*;
          import java.math.*;
          import java.sql.SQLException;
          import java.time.*;
          import java.util.*;
          import java.util.concurrent.*;
          import java.util.function.*;
          import java.util.stream.*;
          import tools.jackson.core.type.TypeReference;

          abstract class %s extends Application {
            void line() {
              %s
            }
          }
          """
          .formatted(line.className(), line.code());
    }
  }
}
