package io.cacheaside.benchmarks;

import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The JVMs in which it is measured. */
final class Jvm {
  /** A heap of a fixed size and the collector that larger machines have by default. */
  static final List<String> OPTIONS =
      List.of(
          "-Xms256m",
          "-Xmx256m",
          "-XX:+UseG1GC",
          "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
          // JOL asks the JVM for the sizes of objects, and lambdas have no offsets it could ask
          // for.
          "-Djdk.attach.allowAttachSelf=true",
          "-Djol.magicFieldOffset=true");

  private Jvm() {}

  /** Starts another JVM with the same class path; its errors go where this one's go. */
  static ProcessBuilder other(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(OPTIONS);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(Redirect.INHERIT);
  }
}
