package io.cacheaside.stress;

import io.cacheaside.stress.Histories.Effort;
import io.cacheaside.stress.Histories.Mode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The program behind {@code ./check stress}. The first argument is where details are written. */
final class Stress {
  private static final String USAGE =
      """
      Usage: ./check stress [--quick]
        --quick  runs less of everything, and the races in one way of compiling alone
      Ends with 1 if a check failed.
      """;
  private static final List<Effort> QUICK =
      List.of(new Effort(Mode.STRESS, 20, 2_000), new Effort(Mode.MODEL_CHECKING, 10, 200));
  private static final List<Effort> LONG =
      List.of(new Effort(Mode.STRESS, 100, 10_000), new Effort(Mode.MODEL_CHECKING, 100, 1_000));

  private Stress() {}

  public static void main(String... args) throws Exception {
    Locale.setDefault(Locale.ROOT);
    List<String> options = List.of(args).subList(1, args.length);
    boolean quick = options.equals(List.of("--quick"));
    if (!quick && !options.isEmpty()) {
      System.err.print(USAGE);
      System.exit(2);
    }
    Report report = new Report(System.out);
    for (Histories histories : Histories.ALL) {
      (quick ? QUICK : LONG).forEach(effort -> check(histories, effort, report));
    }
    Races.run(quick, Path.of(args[0]), report);
    System.exit(report.isGood() ? 0 : 1);
  }

  private static void check(Histories histories, Effort effort, Report report) {
    try {
      histories.check(effort);
      report.add(histories.name(), effort.toString(), List.of());
    } catch (AssertionError failure) {
      report.add(histories.name(), effort.toString(), List.of(String.valueOf(failure)));
    }
  }
}
