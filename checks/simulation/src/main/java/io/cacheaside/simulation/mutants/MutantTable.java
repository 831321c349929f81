package io.cacheaside.simulation.mutants;

import io.cacheaside.simulation.run.Run;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Runs mutants until they are caught, and prints by which seed that was. */
public final class MutantTable {
  private static final long MAX_SEEDS = 8_000;

  private final PrintStream out;

  public MutantTable(PrintStream out) {
    this.out = out;
  }

  /** Returns whether each mutant broke what it should. */
  public boolean print(List<Mutant> mutants) throws InterruptedException, ExecutionException {
    ExecutorService threads =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      List<Future<@Nullable Run>> runs = new ArrayList<>();
      for (Mutant mutant : mutants) {
        runs.add(threads.submit(() -> mutant.firstCaught(MAX_SEEDS)));
      }
      out.println("| mistake | guarantee broken | caught by seed |");
      out.println("|---|---|---|");
      boolean good = true;
      for (int i = 0; i < runs.size(); i++) {
        good &= printRow(mutants.get(i), runs.get(i).get());
      }
      return good;
    } finally {
      threads.shutdownNow();
    }
  }

  private boolean printRow(Mutant mutant, @Nullable Run caught) {
    Run.Violation violation = caught == null ? null : caught.violation();
    if (caught == null || violation == null) {
      out.printf("| %s | not caught | |%n", mutant.mistake());
      return false;
    }
    boolean expected = mutant.guarantees().contains(violation.guarantee());
    String instead = expected ? "" : " instead of " + mutant.guarantees();
    out.printf(
        "| %s | %s%s | %d |%n", mutant.mistake(), violation.guarantee(), instead, caught.seed());
    return expected;
  }
}
