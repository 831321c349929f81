package io.cacheaside.verification.history;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What one life of a process did, in a file that it maps: what it had noted is there also after a
 * {@code kill -9}, and what it had begun as well.
 */
final class Journal {
  private static final int EVENT_BYTES = 64;
  private static final int MAX_EVENTS = 1 << 23;

  /** More places than threads: so many may be empty, because a process was killed at them. */
  private static final int GAP_EVENTS = 1_000;

  private static final int KIND = 0;
  private static final int KEY = 1;
  private static final int MANNER = 2;
  private static final int OUTCOME = 3;
  private static final int THREAD = 4;
  private static final int START = 8;
  private static final int END = 16;
  private static final int ASKED = 24;
  private static final int COMMITTED = 32;
  private static final int VERSION = 40;
  private static final int LATEST = 48;

  private final ByteBuffer events;
  private final AtomicInteger size = new AtomicInteger();

  private Journal(ByteBuffer events) {
    this.events = events;
  }

  /** A file for what a life of a process does; its size on the disk is that of its content. */
  static Journal create(Path folder, int process, int life, boolean near) {
    Path file = folder.resolve("%d.%d.%s".formatted(process, life, near ? "near" : "far"));
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      return new Journal(
          channel
              .map(MapMode.READ_WRITE, 0, (long) MAX_EVENTS * EVENT_BYTES)
              .order(ByteOrder.nativeOrder()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Notes that something begins now, and returns its place. */
  int begin(Kind kind, int key, Manner manner, int thread, long committed) {
    return begin(kind, key, manner, thread, committed, 0);
  }

  /** Notes that a load begins now, for a read that began at the time given. */
  int beginLoad(int key, Manner manner, int thread, long askedNanos) {
    return begin(Kind.LOAD, key, manner, thread, 0, askedNanos);
  }

  private int begin(
      Kind kind, int key, Manner manner, int thread, long committed, long askedNanos) {
    int at = Math.multiplyExact(size.getAndIncrement(), EVENT_BYTES);
    events.put(at + KEY, (byte) key);
    events.put(at + MANNER, (byte) manner.ordinal());
    events.putShort(at + THREAD, (short) thread);
    events.putLong(at + COMMITTED, committed);
    events.putLong(at + ASKED, askedNanos);
    events.putLong(at + START, System.nanoTime());
    VarHandle.releaseFence();
    events.put(at + KIND, (byte) (kind.ordinal() + 1));
    return at;
  }

  long startNanos(int at) {
    return events.getLong(at + START);
  }

  /** Notes that what began at a place has ended. */
  void end(int at, Outcome outcome, long version, long latest) {
    events.put(at + OUTCOME, (byte) outcome.ordinal());
    events.putLong(at + VERSION, version);
    events.putLong(at + LATEST, latest);
    VarHandle.releaseFence();
    events.putLong(at + END, System.nanoTime());
  }

  /** Notes what is known by its moment. */
  void note(Kind kind) {
    end(begin(kind, 0, Manner.PLAIN, 0, 0), Outcome.DONE, 0, 0);
  }

  /** Reads what is noted in the files of a folder. */
  static List<Event> readAll(Path folder) {
    List<Event> events = new ArrayList<>();
    try (var files = Files.newDirectoryStream(folder, "*.*.{near,far}")) {
      for (Path file : files) {
        read(file, events);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return events;
  }

  private static void read(Path file, List<Event> into) throws IOException {
    String[] name = file.getFileName().toString().split("\\.", 3);
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer events =
          channel.map(MapMode.READ_ONLY, 0, channel.size()).order(ByteOrder.nativeOrder());
      int gap = 0;
      for (int at = 0; at < events.limit() && gap < GAP_EVENTS; at += EVENT_BYTES) {
        if (events.get(at + KIND) == 0) {
          gap++;
        } else {
          gap = 0;
          into.add(
              event(
                  events,
                  at,
                  Integer.parseInt(name[0]),
                  Integer.parseInt(name[1]),
                  name[2].equals("near")));
        }
      }
    }
  }

  private static Event event(ByteBuffer events, int at, int process, int life, boolean near) {
    long endNanos = events.getLong(at + END);
    return new Event(
        process,
        life,
        events.getShort(at + THREAD),
        near,
        Kind.of(events.get(at + KIND) - 1),
        events.get(at + KEY),
        Manner.of(events.get(at + MANNER)),
        endNanos == 0 ? Outcome.NONE : Outcome.of(events.get(at + OUTCOME)),
        events.getLong(at + START),
        endNanos,
        events.getLong(at + ASKED),
        events.getLong(at + COMMITTED),
        events.getLong(at + VERSION),
        events.getLong(at + LATEST));
  }
}
