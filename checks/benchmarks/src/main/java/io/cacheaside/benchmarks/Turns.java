package io.cacheaside.benchmarks;

import io.cacheaside.benchmarks.Report.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What it cost each of those that take turns, round by round. Ratios are those of neighbours in a
 * round, since the machine is not the same in all of them.
 */
final class Turns {
  private final Map<String, List<Cost>> costs = new LinkedHashMap<>();

  /**
   * What one operation cost in one round.
   *
   * @param nanos of a thread
   * @param bytes that all threads of the process allocated
   * @param p99Nanos what 99 % of the operations took at most; NaN if that was not measured
   */
  record Cost(double nanos, double bytes, double p99Nanos) {}

  void add(String name, Cost cost) {
    costs.computeIfAbsent(name, n -> new ArrayList<>()).add(cost);
  }

  Set<String> names() {
    return costs.keySet();
  }

  Value value(String name, ToDoubleFunction<Cost> part) {
    return Value.medianOf(Samples.of(of(name).stream().mapToDouble(part).boxed().toList()));
  }

  /** Returns how many times as large the one is. */
  Value ratio(String one, String other, ToDoubleFunction<Cost> part) {
    List<Cost> ours = of(one);
    List<Cost> theirs = of(other);
    return Value.medianOf(
        Samples.of(
            IntStream.range(0, Math.min(ours.size(), theirs.size()))
                .mapToObj(
                    round ->
                        part.applyAsDouble(ours.get(round)) / part.applyAsDouble(theirs.get(round)))
                .toList()));
  }

  /** Returns which of them it cost least. */
  String cheapest(Collection<String> names) {
    return names.stream()
        .min(Comparator.comparingDouble(name -> value(name, Cost::nanos).number()))
        .orElseThrow();
  }

  private List<Cost> of(String name) {
    return Objects.requireNonNull(costs.get(name));
  }
}
