package io.cacheaside.fuzzing;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What a thread allocates, so that inputs that take too much are noticed. */
final class Memory {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Memory() {}

  /**
   * Runs something that may not allocate more than a bound. It runs again if it does: the first
   * time, classes may be loaded.
   */
  static void bounded(long maxBytes, Runnable work) {
    if (allocatedBy(work) > maxBytes) {
      long again = allocatedBy(work);
      Violation.unless(again <= maxBytes, "allocated %,d bytes of %,d", again, maxBytes);
    }
  }

  private static long allocatedBy(Runnable work) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    work.run();
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
