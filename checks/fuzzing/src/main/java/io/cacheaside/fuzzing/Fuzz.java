package io.cacheaside.fuzzing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The program behind {@code ./check fuzzing}. */
final class Fuzz {
  private static final long DEFAULT_INPUTS = 100_000;
  private static final String USAGE =
      """
      Usage: ./check fuzzing [--inputs N] [--target NAME]
             ./check fuzzing --reproduce FILE [--target NAME]
             ./check fuzzing --merge
        --inputs N        feeds each target with N inputs, 100,000 by default
        --target NAME     one target: %s
        --reproduce FILE  runs one input again; its target is the name of its folder unless given
        --merge           adds to checks/fuzzing/corpus what earlier runs found, as few files as will do
      Ends with 1 if an input broke something, after the path of that input.
      """
          .formatted(
              Arrays.stream(Target.values()).map(Target::label).collect(Collectors.joining(", ")));

  private List<Target> targets = List.of(Target.values());
  private long inputs = DEFAULT_INPUTS;
  private Path reproduced = Path.of("");
  private boolean merges;

  private Fuzz() {}

  public static void main(String... args) throws Exception {
    if (List.of(args).equals(List.of("--help"))) {
      System.out.print(USAGE);
      return;
    }
    Fuzz fuzz = new Fuzz();
    try {
      fuzz.parse(args);
    } catch (IllegalArgumentException wrongOptions) {
      System.err.print(USAGE);
      System.exit(2);
    }
    System.exit(fuzz.run() ? 0 : 1);
  }

  private void parse(String... args) {
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals("--merge")) {
        merges = true;
      } else if (i + 1 == args.length) {
        throw new IllegalArgumentException(args[i]);
      } else {
        parse(args[i], args[++i]);
      }
    }
  }

  private void parse(String option, String value) {
    switch (option) {
      case "--inputs" -> inputs = Long.parseLong(value);
      case "--target" -> targets = List.of(Target.named(value));
      case "--reproduce" -> reproduced = Path.of(value);
      default -> throw new IllegalArgumentException(option);
    }
  }

  private boolean run() throws IOException, InterruptedException {
    if (!reproduced.toString().isEmpty()) {
      return reproduce();
    }
    boolean good = true;
    if (!merges) {
      System.out.println(JazzerRun.HEAD);
    }
    for (Target target : targets) {
      JazzerRun run = new JazzerRun(target);
      if (merges) {
        run.merge();
      } else {
        good &= run.fuzz(inputs);
      }
    }
    return good;
  }

  private boolean reproduce() throws IOException {
    Path folder = reproduced.toAbsolutePath().getParent();
    Target target =
        targets.size() == 1 || folder == null
            ? targets.get(0)
            : Target.named(folder.getFileName().toString());
    try {
      target.test(Files.readAllBytes(reproduced));
      System.out.println("It breaks nothing.");
      return true;
    } catch (RuntimeException | Error broken) {
      broken.printStackTrace(System.out);
      return false;
    }
  }
}
