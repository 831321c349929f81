package io.cacheaside.verification.history;

/**
 * Something that a process did, from {@code startNanos} to {@code endNanos} on the clock that all
 * processes of the machine share.
 *
 * @param process its number
 * @param life how often the process had been started anew when it did this
 * @param thread its number in the process
 * @param near whether the process has a near cache
 * @param manner of a read, and of the read that a load is for
 * @param startNanos taken before it began
 * @param endNanos taken after it had ended; 0 if it has not
 * @param askedNanos of a load: when the read began that it is for
 * @param committed of a read or an invalidation: what was committed before it began
 * @param version of a read or a load: what it got
 * @param latest of a read: what was committed when it had ended
 */
record Event(
    int process,
    int life,
    int thread,
    boolean near,
    Kind kind,
    int key,
    Manner manner,
    Outcome outcome,
    long startNanos,
    long endNanos,
    long askedNanos,
    long committed,
    long version,
    long latest) {

  boolean isOf(Event other) {
    return process == other.process && life == other.life;
  }

  boolean hasEnded() {
    return endNanos != 0;
  }

  /** Returns when it had ended for sure; never if it has not. */
  long endOrNeverNanos() {
    return hasEnded() ? endNanos : Long.MAX_VALUE;
  }

  boolean overlaps(long fromNanos, long toNanos) {
    return startNanos <= toNanos && endOrNeverNanos() >= fromNanos;
  }

  /** What was done and how it ended, in one line without times. */
  String summary() {
    String who = "JVM %d.%d thread %d".formatted(process, life, thread);
    String what = kind + " " + VersionedSource.nameOf(key);
    return switch (kind) {
      case READ ->
          "%s %s %s%s -> %s %d (%d committed before, %d after)"
              .formatted(
                  who, what, manner, near ? " near" : "", outcome, version, committed, latest);
      case LOAD ->
          "%s %s %s for a read %.3f ms before -> %s %d"
              .formatted(who, what, manner, (startNanos - askedNanos) / 1e6, outcome, version);
      case STORE_FAILURE, REPLAY, AROUND -> who + " " + kind;
      default -> "%s %s of %d -> %s".formatted(who, what, committed, outcome);
    };
  }
}
