package io.cacheaside.kotlin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jetbrains.kotlin.cli.common.arguments.K2JVMCompilerArguments;
import org.jetbrains.kotlin.cli.common.arguments.ParseCommandLineArgumentsKt;
import org.jetbrains.kotlin.cli.common.messages.CompilerMessageSeverity;
import org.jetbrains.kotlin.cli.common.messages.CompilerMessageSourceLocation;
import org.jetbrains.kotlin.cli.common.messages.MessageCollector;
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler;
import org.jetbrains.kotlin.config.Services;
import org.jspecify.annotations.Nullable;

/** Compiles lines, each in a class of its own, with the Kotlin compiler of the class path. */
final class LineCompiler {
  private static final List<String> OPTIONS =
      List.of(
          "-no-stdlib",
          "-no-reflect",
          "-jvm-target",
          "17",
          "-Xjspecify-annotations=strict",
          "-Xreport-all-warnings",
          "-classpath",
          System.getProperty("java.class.path"));

  private final Path folder;

  LineCompiler(Path folder) {
    this.folder = folder;
  }

  /** Returns what the compiler says of each line. */
  Map<Line, List<String>> complaints(List<Line> lines) throws IOException {
    Map<Path, Line> files = new HashMap<>();
    for (Line line : lines) {
      files.put(write(line.className(), source(line)), line);
    }
    write("Application", Line.text("Application.kt"));
    Complaints said = new Complaints(files);
    new K2JVMCompiler().exec(said, Services.EMPTY, arguments());
    return said.ofLines;
  }

  private Path write(String name, String source) throws IOException {
    return Files.writeString(folder.resolve(name + ".kt"), source);
  }

  private static String source(Line line) {
    return """
        @file:Suppress("UNUSED_VARIABLE")

        package io.cacheaside.kotlin

        import io.cacheaside.*
        import io.cacheaside.codec.*
        import java.time.Duration
        import java.util.Optional
        import java.util.concurrent.CompletableFuture

        abstract class %s : Application() {
            fun line() {
                %s
            }
        }
        """
        .formatted(line.className(), line.code());
  }

  private K2JVMCompilerArguments arguments() {
    List<String> all = new ArrayList<>(OPTIONS);
    all.addAll(List.of("-d", folder.resolve("classes").toString(), folder.toString()));
    K2JVMCompilerArguments arguments = new K2JVMCompilerArguments();
    ParseCommandLineArgumentsKt.parseCommandLineArguments(all, arguments, false);
    return arguments;
  }

  private static final class Complaints implements MessageCollector {
    final Map<Line, List<String>> ofLines = new HashMap<>();
    private final Map<Path, Line> files;
    private boolean failed;

    Complaints(Map<Path, Line> files) {
      this.files = files;
      clear();
    }

    @Override
    public void report(
        CompilerMessageSeverity severity,
        String message,
        @Nullable CompilerMessageSourceLocation location) {
      failed |= severity.isError();
      Line line = location == null ? null : files.get(Path.of(location.getPath()));
      if (line != null) {
        ofLines.get(line).add(message);
      } else if (severity.isError()) {
        throw new IllegalStateException(message);
      }
    }

    @Override
    public boolean hasErrors() {
      return failed;
    }

    @Override
    public void clear() {
      files.values().forEach(line -> ofLines.put(line, new ArrayList<>()));
    }
  }
}
