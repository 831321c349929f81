package io.cacheaside.fuzzing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each target, over its corpus and a few thousand small changes of it. */
@Tag("edge")
@Tag("full")
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CorpusTest {
  private static final long SEED = 42;
  private static final int MUTATIONS = 2_000;

  private static List<byte[]> corpus(Target target) {
    try (Stream<Path> files = Files.list(Path.of("corpus", target.label()))) {
      return files.sorted().map(CorpusTest::bytes).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void test(Target target, byte[] input) {
    assertThatNoException()
        .as(() -> "the input " + Base64.getEncoder().encodeToString(input))
        .isThrownBy(() -> target.test(input));
  }

  @ParameterizedTest
  @EnumSource
  void whatWasFoundInterestingBreaksNothing(Target target) {
    List<byte[]> corpus = corpus(target);

    assertThat(corpus).isNotEmpty();
    corpus.forEach(input -> test(target, input));
  }

  @ParameterizedTest
  @EnumSource
  void smallChangesOfItBreakNothing(Target target) {
    Mutation mutation = new Mutation(SEED, corpus(target), target.maxBytes());

    for (int i = 0; i < MUTATIONS; i++) {
      test(target, mutation.next());
    }
  }
}
