package io.cacheaside.stress;

import io.cacheaside.stress.Histories.Effort;
import io.cacheaside.stress.Histories.Mode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** A few histories in each build; {@code ./check stress} looks at many, and at the memory model. */
@Tag("races")
@Tag("full")
class HistoriesTest {
  static final Iterable<Histories> ALL = Histories.ALL;

  @ParameterizedTest
  @FieldSource("ALL")
  void anOrderExplainsWhatThreadsSee(Histories histories) {
    histories.check(new Effort(Mode.STRESS, 5, 500));
  }

  @ParameterizedTest
  @FieldSource("ALL")
  void anOrderExplainsWhatIsSeenInChosenOrders(Histories histories) {
    histories.check(new Effort(Mode.MODEL_CHECKING, 4, 100));
  }
}
