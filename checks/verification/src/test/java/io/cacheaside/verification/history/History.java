package io.cacheaside.verification.history;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What workers did and what was done to them.
 *
 * @param beginNanos when all workers had reached the store for the first time
 * @param endNanos when they were stopped
 */
record History(
    String servers,
    long seed,
    List<Event> events,
    List<Episode> episodes,
    long beginNanos,
    long endNanos) {

  private static final int LINES = 80;

  /** Whether its process was ended by {@code kill -9}: what was under way then stays so. */
  boolean wasKilled(Event event) {
    return killedNanos(event) != Episode.NEVER_NANOS;
  }

  /** Returns when its process had been killed for sure. */
  long killedNanos(Event event) {
    return episodes.stream()
        .filter(episode -> episode.fault() == Fault.KILL_CLIENT)
        .filter(episode -> episode.process() == event.process())
        .filter(episode -> episode.life() == event.life())
        .mapToLong(Episode::endNanos)
        .findAny()
        .orElse(Episode.NEVER_NANOS);
  }

  /** Returns for how long its process was stopped while something was under way. */
  long stoppedNanos(Event event) {
    return episodes.stream()
        .filter(episode -> episode.fault() == Fault.STOP_CLIENT)
        .filter(episode -> episode.process() == event.process())
        .mapToLong(
            episode ->
                Math.min(event.endOrNeverNanos(), episode.endNanos())
                    - Math.max(event.startNanos(), episode.beginNanos()))
        .filter(nanos -> nanos > 0)
        .sum();
  }

  private record Line(long nanos, String text) {}

  /**
   * Returns what a key's value depends on in a span of time, a line for each, in order: that is
   * everything but reads, and the one that is given.
   */
  String timeline(int key, long fromNanos, long toNanos, @Nullable Event read) {
    Stream<Line> faults =
        episodes.stream()
            .filter(episode -> episode.beginNanos() <= toNanos)
            .filter(episode -> episode.settledNanos() >= fromNanos)
            .flatMap(
                episode ->
                    Stream.of(
                        new Line(
                            episode.beginNanos(), "==== " + episode.fault() + " " + episode.what()),
                        new Line(episode.endNanos(), "==== end of " + episode.fault()),
                        new Line(episode.settledNanos(), "==== settled")));
    Stream<Line> operations =
        events.stream()
            .filter(event -> event.key() == key || event.kind().isInstant())
            .filter(event -> event.overlaps(fromNanos, toNanos))
            .filter(event -> event.kind() != Kind.READ || isShown(event, read))
            .flatMap(
                event ->
                    Stream.of(
                            new Line(event.startNanos(), "     " + event.summary()),
                            new Line(event.endOrNeverNanos(), "  -> " + event.summary()))
                        .filter(
                            line -> !event.kind().isInstant() || line.nanos == event.startNanos()));
    List<Line> lines =
        Stream.concat(faults, operations).sorted(Comparator.comparingLong(Line::nanos)).toList();
    return lines.subList(Math.max(0, lines.size() - LINES), lines.size()).stream()
        .map(line -> timed(line, toNanos))
        .collect(Collectors.joining("\n"));
  }

  private static boolean isShown(Event event, @Nullable Event read) {
    return event.equals(read) || event.manner() == Manner.FORCED;
  }

  private static String timed(Line line, long zeroNanos) {
    return line.nanos() == Long.MAX_VALUE
        ? "        never " + line.text()
        : "%10.3f ms %s".formatted((line.nanos() - zeroNanos) / 1e6, line.text());
  }

  /** How much there was of what, in a line. */
  String figures() {
    Map<Kind, Long> kinds = new EnumMap<>(Kind.class);
    events.forEach(event -> kinds.merge(event.kind(), 1L, Long::sum));
    Map<Fault, Long> faults = new EnumMap<>(Fault.class);
    episodes.forEach(episode -> faults.merge(episode.fault(), 1L, Long::sum));
    Map<Outcome, Long> reads = new EnumMap<>(Outcome.class);
    events.stream()
        .filter(event -> event.kind() == Kind.READ)
        .forEach(event -> reads.merge(event.outcome(), 1L, Long::sum));
    return "%s, seed %d, %d s: %d events %s; reads %s; %d faults %s"
        .formatted(
            servers,
            seed,
            (endNanos - beginNanos) / 1_000_000_000L,
            events.size(),
            kinds,
            reads,
            episodes.size(),
            faults);
  }
}
