package io.cacheaside.simulation;

import io.cacheaside.simulation.mutants.MutantTable;
import io.cacheaside.simulation.mutants.Mutants;
import io.cacheaside.simulation.run.Run;
import io.cacheaside.simulation.run.SeedRange;
import io.cacheaside.simulation.run.Simulation;
import io.cacheaside.simulation.scale.ScaleTable;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** The program behind {@code ./check simulation}. */
final class Simulate {
  private static final String USAGE =
      """
      Usage: ./check simulation --seeds N [--from M]
             ./check simulation --seed N
             ./check simulation --mutants
             ./check simulation --scale
        --seeds N  runs N seeds, from 0 or from M upwards
        --seed N   runs one seed again and prints what happens in it
        --mutants  weakens the protocol in many ways, one at a time, and prints which seed notices
        --scale    runs up to 10,000 processes with hot keys, and prints what that costs
      Ends with 1 if a guarantee was broken, or if a mutant was not caught.
      """;

  private Simulate() {}

  public static void main(String... args) throws Exception {
    if (List.of(args).equals(List.of("--help"))) {
      System.out.print(USAGE);
      return;
    }
    boolean good;
    try {
      good = run(args);
    } catch (IllegalArgumentException wrongOptions) {
      System.err.print(USAGE);
      System.exit(2);
      return;
    }
    System.exit(good ? 0 : 1);
  }

  private static boolean run(String... args) throws InterruptedException, ExecutionException {
    String command = args.length == 0 ? "" : args[0];
    if (command.equals("--seeds") && args.length == 2) {
      return runSeeds(0, Long.parseLong(args[1]));
    }
    if (command.equals("--seeds") && args.length == 4 && args[2].equals("--from")) {
      return runSeeds(Long.parseLong(args[3]), Long.parseLong(args[1]));
    }
    if (command.equals("--seed") && args.length == 2) {
      return replay(Long.parseLong(args[1]));
    }
    if (command.equals("--mutants") && args.length == 1) {
      return new MutantTable(System.out).print(Mutants.ALL);
    }
    if (command.equals("--scale") && args.length == 1) {
      new ScaleTable(System.out).print();
      return true;
    }
    throw new IllegalArgumentException(command);
  }

  private static boolean runSeeds(long from, long count)
      throws InterruptedException, ExecutionException {
    long startedNanos = System.nanoTime();
    SeedRange.Outcome outcome = new SeedRange(from, count, System.err).run();
    double seconds = (System.nanoTime() - startedNanos) / 1e9;
    Run first = outcome.first();
    if (first != null && first.violation() != null) {
      System.out.println(first.violation().timeline());
      System.out.printf("seed %d: %s%n", first.seed(), first.violation());
    }
    System.out.printf(
        "%,d seeds, %,d operations, %.0f seconds, %d violations%n",
        outcome.seeds(), outcome.operations(), seconds, outcome.violations());
    return first == null;
  }

  private static boolean replay(long seed) {
    Simulation simulation = new Simulation(seed);
    Run run = simulation.run();
    System.out.println(simulation.timeline());
    Run.Violation violation = run.violation();
    System.out.println(
        violation == null
            ? "seed %d: %d operations, no violation".formatted(seed, run.operations())
            : "seed %d: %s".formatted(seed, violation));
    return violation == null;
  }
}
