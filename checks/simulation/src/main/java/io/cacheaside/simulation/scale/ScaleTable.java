package io.cacheaside.simulation.scale;

import io.cacheaside.simulation.scale.ScaleRun.Design;
import io.cacheaside.simulation.scale.ScaleRun.Figures;
import java.io.PrintStream;

/** Runs each design with few and many processes and keys, and prints a table in Markdown. */
public final class ScaleTable {
  private static final int[] NODES = {1, 10, 100, 1_000, 10_000};
  private static final int[] KEYS = {1, 100, 1_000};
  private static final double TTLS = 3;

  private final PrintStream out;

  public ScaleTable(PrintStream out) {
    this.out = out;
  }

  public void print() {
    for (int keys : KEYS) {
      out.printf("### %,d hot key%s%n%n", keys, keys == 1 ? "" : "s");
      out.println(
          "| processes | design | loads per key and time to live | commands per read | messages per"
              + " write | values held per process | stale reads | stale for at most |");
      out.println("|--:|---|--:|--:|--:|--:|--:|--:|");
      for (int nodes : NODES) {
        for (Design design : Design.values()) {
          print(design, nodes, keys, new ScaleRun(design, nodes, keys, 1).run());
        }
      }
      out.println();
    }
  }

  private void print(Design design, int nodes, int keys, Figures figures) {
    out.printf(
        "| %,d | %s | %.2f | %.3f | %,.1f | %,.1f | %.2f %% | %,d ms |%n",
        nodes,
        design,
        figures.loads() / TTLS / keys,
        (double) figures.commands() / figures.reads(),
        (double) figures.messages() / figures.writes(),
        (double) figures.held() / nodes,
        100.0 * figures.stale() / figures.reads(),
        figures.longestStale().toMillis());
  }
}
