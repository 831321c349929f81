package io.cacheaside.simulation.mutants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.simulation.run.Run;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The mistakes can still be made, and the quick ones are noticed; {@code ./check simulation} runs
 * all.
 */
@Tag("simulation")
class MutantsTest {
  static final List<Mutant> ALL = Mutants.ALL;

  @ParameterizedTest
  @FieldSource("ALL")
  void theTextOfEachIsThereOnce(Mutant mutant) throws IOException {
    assertThat(mutant.source()).isNotBlank();
  }

  @ParameterizedTest
  @FieldSource("ALL")
  @Tag("full")
  void eachCompiles(Mutant mutant) throws IOException {
    assertThat(mutant.compiled()).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a fill without a comparison",
        "one id per client, not per load",
        "an invalidation that hides its failure",
        "near values without a look at their epoch",
        "a change of one's own that raises no epoch"
      })
  void whatIsQuicklyNoticedIsNoticed(String mistake) throws IOException {
    Mutant mutant = ALL.stream().filter(m -> m.mistake().equals(mistake)).findFirst().orElseThrow();

    Run caught = mutant.firstCaught(200);

    assertThat(caught).isNotNull();
    assertThat(mutant.guarantees()).contains(caught.violation().guarantee());
  }

  @Test
  void whatIsNoMistakeIsNotNoticed() throws IOException {
    Mutant mutant = inEntryId("uniqueBytes(bytes);", "uniqueBytes( bytes);");

    assertThat(mutant.firstCaught(50)).isNull();
  }

  @Test
  void aTextThatIsNotThereOrIsThereTwiceIsRefused() {
    assertThatThrownBy(inEntryId("no such text", "")::source).hasMessageContaining("0 times");
    assertThatThrownBy(inEntryId("EntryId", "")::source).hasMessageMatching(".* [2-9] times .*");
  }

  private static Mutant inEntryId(String text, String replacement) {
    String file = "core/src/main/java/io/cacheaside/internal/entry/EntryId.java";
    return new Mutant("a mistake", "G1", file, text, replacement);
  }
}
