package io.cacheaside.verification.docs;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs a compiled snippet and catches what it prints. */
final class SnippetRun {
  private final Class<?> type;

  SnippetRun(Snippet snippet, ClassLoader classes) throws ClassNotFoundException {
    this.type = classes.loadClass(snippet.className());
  }

  /** Returns the lines that it prints to the standard output; throws what it throws. */
  List<String> printedLines() throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      run();
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8).lines().map(String::strip).toList();
  }

  private void run() throws Exception {
    Method main = type.getDeclaredMethod("main", String[].class);
    main.setAccessible(true);
    try {
      main.invoke(null, (Object) new String[0]);
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
