package io.cacheaside.fuzzing;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What a thread allocates, so that inputs that take too much are noticed. */
final class Memory {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Memory() {}

  /** Runs something that may not allocate more than a bound. */
  static void bounded(long maxBytes, Runnable work) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    work.run();
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    Violation.unless(allocated <= maxBytes, "allocated %,d bytes of %,d", allocated, maxBytes);
  }
}
