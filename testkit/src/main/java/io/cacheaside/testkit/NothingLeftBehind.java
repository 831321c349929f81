package io.cacheaside.testkit;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * A JUnit extension that fails a test which leaves something behind that was not there before it.
 *
 * <ul>
 *   <li>a <b>thread</b> that runs;
 *   <li>a child <b>process</b>;
 *   <li>a <b>connection</b> of any client at a server that this module has started;
 *   <li>a <b>key</b> that never expires, in database 0 of such a server; at {@link SharedServers}
 *       this is looked at when all tests of a class are over;
 *   <li>the folder of such a server.
 * </ul>
 *
 * <p>What is ending has 5 s to do so. The extension is registered for one class with
 * {@code @ExtendWith(NothingLeftBehind.class)}, or for all by JUnit's automatic detection. Then it
 * comes before all others, so that it looks when they have closed what is theirs.
 *
 * <p>Not counted are threads of the Java runtime and of JUnit, the common pool, the shared timer of
 * all caches, {@link SharedServers} and connections to them, the server of {@link WithRedis}
 * itself, and what a class starts before its first test. The JUnit configuration parameter {@value
 * #THREADS_PARAMETER} is a regular expression for names of more threads that may stay, such as
 * those of a pool that all tests share.
 *
 * <p>Tests must run one after the other.
 */
public final class NothingLeftBehind
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

  /** The name of the JUnit configuration parameter for threads that may stay. */
  public static final String THREADS_PARAMETER = "cacheaside.nothing-left-behind.threads";

  private static final Namespace NAMESPACE = Namespace.create(NothingLeftBehind.class);
  private static final Duration END = Duration.ofSeconds(5);

  private static final Pattern OF_THE_RUNTIME =
      Pattern.compile(
          "process reaper.*|ForkJoinPool\\.commonPool.*|Attach Listener|cache-aside-timer"
              + "|CompletableFutureDelayScheduler|globalEventExecutor.*|junit-.*|surefire-.*"
              + "|VirtualThread-.*");

  /**
   * The classes of threads of the runtime whose names are those of any pool: they carry virtual
   * threads, and wake them. A pool that somebody has left has workers, too, which count.
   */
  private static final Set<String> CLASSES_OF_THE_RUNTIME =
      Set.of("jdk.internal.misc.CarrierThread", "java.util.concurrent.DelayScheduler");

  /** Creates the extension; JUnit does. */
  public NothingLeftBehind() {}

  private record Before(Map<?, String> found, Pattern threads) {}

  private record SharedKeys(Set<String> names) {}

  @Override
  public void beforeAll(ExtensionContext context) {
    context.getStore(NAMESPACE).put(SharedKeys.class, new SharedKeys(sharedKeys()));
  }

  @Override
  public void afterAll(ExtensionContext context) {
    SharedKeys before = context.getStore(NAMESPACE).get(SharedKeys.class, SharedKeys.class);
    Set<String> added = sharedKeys();
    added.removeAll(Objects.requireNonNull(before).names());
    if (!added.isEmpty()) {
      throw new AssertionError("left behind: " + String.join(", ", added));
    }
  }

  private static Set<String> sharedKeys() {
    return RedisServer.running()
        .filter(server -> server.isShared() && server.isReachable())
        .flatMap(server -> server.immortalKeys().map(key -> key + " at " + server))
        .collect(Collectors.toCollection(HashSet::new));
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    Pattern threads =
        Pattern.compile(context.getConfigurationParameter(THREADS_PARAMETER).orElse(""));
    context.getStore(NAMESPACE).put(Before.class, new Before(found(threads), threads));
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Before before = context.getStore(NAMESPACE).remove(Before.class, Before.class);
    if (before != null && !hasEnded(before)) {
      throw new AssertionError("left behind: " + String.join(", ", added(before)));
    }
  }

  private static boolean hasEnded(Before before) {
    try {
      Await.until(END, () -> "", () -> added(before).isEmpty());
      return true;
    } catch (IllegalStateException tooLate) {
      return false;
    }
  }

  private static Collection<String> added(Before before) {
    Map<Object, String> added = found(before.threads());
    added.keySet().removeAll(before.found().keySet());
    return added.values();
  }

  /** Returns descriptions of what is there, by what makes each the same as before. */
  private static Map<Object, String> found(Pattern mayStay) {
    Map<Object, String> found = new HashMap<>();
    Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> counts(thread, mayStay))
        .forEach(thread -> found.put(thread, "thread " + thread.getName()));
    Guardian.startedProcesses()
        .filter(process -> RedisServer.running().noneMatch(server -> server.lastsAs(process.pid())))
        .forEach(process -> found.put(process, "process " + process.pid()));
    Guardian.folders()
        .filter(folder -> RedisServer.running().noneMatch(server -> server.lastsIn(folder)))
        .forEach(folder -> found.put(folder, "folder " + folder));
    RedisServer.running()
        .filter(server -> !server.isShared() && server.isReachable())
        .forEach(server -> find(server, found));
    return found;
  }

  private static boolean counts(Thread thread, Pattern mayStay) {
    String name = thread.getName();
    ThreadGroup group = thread.getThreadGroup();
    boolean isOfTheJvm = group == null || group.getParent() == null;
    return !isOfTheJvm
        && !CLASSES_OF_THE_RUNTIME.contains(thread.getClass().getName())
        && !OF_THE_RUNTIME.matcher(name).matches()
        && !mayStay.matcher(name).matches();
  }

  private static void find(RedisServer server, Map<Object, String> found) {
    Stream.concat(server.clients(), server.immortalKeys())
        .map(what -> what + " at " + server)
        .forEach(what -> found.put(what, what));
  }
}
