package io.cacheaside.simulation.run;

import io.cacheaside.simulation.world.Scheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What has happened in a run so far, with the virtual time of each event. */
final class Timeline {
  private final Scheduler scheduler;
  private final List<Event> events = new ArrayList<>();

  private record Event(long nanos, String what) {
    @Override
    public String toString() {
      return String.format("%12.3f ms  %s", nanos / 1e6, what);
    }
  }

  Timeline(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  void note(String event) {
    events.add(new Event(scheduler.elapsedNanos(), event));
  }

  /** Notes a fault and lets it happen. */
  void fault(String what, Runnable fault) {
    note("! " + what);
    fault.run();
  }

  /** Returns one event a line. */
  @Override
  public String toString() {
    return events.stream().map(Event::toString).collect(Collectors.joining("\n"));
  }
}
