package io.cacheaside.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test after which more processes, threads or temp folders exist than before. */
final class NothingLeftBehind implements BeforeEachCallback, AfterEachCallback {

  static {
    BundledServer.path(); // stays until the JVM ends, and so does the guardian that removes it
  }

  private final Set<String> before = new HashSet<>();

  @Override
  public void beforeEach(ExtensionContext context) {
    before.clear();
    before.addAll(found());
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Await.until(Duration.ofSeconds(10), () -> "left behind: " + added(), () -> added().isEmpty());
    assertThat(added()).isEmpty();
  }

  private Set<String> added() {
    Set<String> added = found();
    added.removeAll(before);
    return added;
  }

  private static Set<String> found() {
    Set<String> all = new TreeSet<>();
    ProcessHandle.current().children().forEach(child -> all.add("process " + child.pid()));
    all.addAll(
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> !isOfTheRuntime(thread))
            .map(thread -> "thread " + thread.getName())
            .collect(Collectors.toSet()));
    Guardian.instance().folders().forEach(folder -> all.add("folder " + folder));
    return all;
  }

  private static boolean isOfTheRuntime(Thread thread) {
    return thread.getName().startsWith("process reaper")
        || thread.getName().startsWith("ForkJoinPool.commonPool")
        || thread.getName().equals("Attach Listener");
  }
}
