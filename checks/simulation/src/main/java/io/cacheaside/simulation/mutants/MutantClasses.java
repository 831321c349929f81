package io.cacheaside.simulation.mutants;

import io.cacheaside.simulation.run.Run;
import io.cacheaside.simulation.run.SeedRunner;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongFunction;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * The classes of the engine and of the simulation once more, one of them with a mistake, beside
 * those without.
 */
final class MutantClasses extends ClassLoader {
  private static final String OURS = "io.cacheaside.";

  private final Map<String, ByteArrayOutputStream> mutated;

  private MutantClasses(Map<String, ByteArrayOutputStream> mutated) {
    super(MutantClasses.class.getClassLoader());
    this.mutated = mutated;
  }

  /** Compiles a class against all others as they are. */
  static MutantClasses of(String className, String source) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter problems = new StringWriter();
    try (Output output = new Output(compiler.getStandardFileManager(null, Locale.ROOT, null))) {
      boolean compiled =
          compiler
              .getTask(
                  problems,
                  output,
                  null,
                  List.of("-proc:none", "-nowarn"),
                  null,
                  List.of(new Source(className, source)))
              .call();
      if (!compiled) {
        throw new IllegalStateException("the mutant does not compile:\n" + problems);
      }
      return new MutantClasses(output.classes);
    }
  }

  LongFunction<Run> runner() {
    try {
      @SuppressWarnings("unchecked")
      LongFunction<Run> runner =
          (LongFunction<Run>)
              loadClass(SeedRunner.class.getName()).getDeclaredConstructor().newInstance();
      return runner;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(OURS) || isShared(name)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? defined(name) : loaded;
    }
  }

  /** Returns whether a class is the same for everybody: that of the results. */
  private static boolean isShared(String name) {
    return name.equals(Run.class.getName()) || name.equals(Run.Violation.class.getName());
  }

  private Class<?> defined(String name) throws ClassNotFoundException {
    byte[] bytes = mutated.containsKey(name) ? mutated.get(name).toByteArray() : unchanged(name);
    return defineClass(name, bytes, 0, bytes.length);
  }

  private byte[] unchanged(String name) throws ClassNotFoundException {
    try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String className, String text) {
      super(URI.create("mutant:///" + className.replace('.', '/') + ".java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  /** Keeps what is compiled. */
  private static final class Output extends ForwardingJavaFileManager<JavaFileManager> {
    final Map<String, ByteArrayOutputStream> classes = new HashMap<>();

    Output(JavaFileManager files) {
      super(files);
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
      return new SimpleJavaFileObject(URI.create("mutant:///" + className), kind) {
        @Override
        public OutputStream openOutputStream() {
          return classes.computeIfAbsent(className, name -> new ByteArrayOutputStream());
        }
      };
    }
  }
}
