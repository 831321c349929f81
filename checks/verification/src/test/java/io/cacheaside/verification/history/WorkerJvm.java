package io.cacheaside.verification.history;

import io.cacheaside.verification.processes.Jvm;
import java.time.Duration;

/** A {@link Worker} in a JVM of its own. */
final class WorkerJvm implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(1);

  private final WorkerSettings settings;
  private final Jvm jvm;

  private WorkerJvm(WorkerSettings settings, Jvm jvm) {
    this.settings = settings;
    this.jvm = jvm;
  }

  static WorkerJvm start(WorkerSettings settings) {
    String name = "worker " + settings.process();
    return new WorkerJvm(settings, Jvm.start(name, Worker.class, settings.toArguments()));
  }

  WorkerSettings settings() {
    return settings;
  }

  /** Waits until its clients run. */
  void awaitStart() {
    awaitAnswer(0, START_LIMIT);
  }

  /** Begins to wait until its store has been all right for a while. */
  void settle() {
    jvm.tell(Worker.SETTLE);
  }

  /** Lets its operations under way end, and begins no others. */
  void stop() {
    jvm.tell(Worker.STOP);
  }

  /** Waits until it has done what it was told. */
  void awaitAnswer(long askedNanos, Duration limit) {
    Jvm.nanos(jvm.answer(limit), askedNanos);
  }

  /** Stops it by SIGSTOP, and lets it go on by SIGCONT. */
  void stopFor(Duration time) {
    jvm.stopFor(time);
  }

  /** Ends it by SIGKILL. */
  @Override
  public void close() {
    jvm.close();
  }
}
