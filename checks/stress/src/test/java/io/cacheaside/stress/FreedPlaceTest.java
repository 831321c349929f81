package io.cacheaside.stress;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.Arrays;
import java.util.List;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What random scenarios seldom come across. */
@Tag("races")
@Tag("full")
class FreedPlaceTest {

  /** Two run and two wait, so that a load is rejected only until one of them has ended. */
  @Test
  void nobodyIsRejectedWhileAPlaceIsFree() throws NoSuchMethodException {
    List<Actor> full =
        List.of(call("ask", 0, 0), call("ask", 0, 1), call("ask", 1, 0), call("ask", 1, 1));
    List<Actor> ending = List.of(call("end", 0));
    List<Actor> asking = List.of(call("isExhausted"), call("ask", 2, 0));
    ExecutionScenario scenario =
        new ExecutionScenario(full, List.of(ending, asking), List.of(), null);

    assertThatCode(
            () ->
                new ModelCheckingOptions()
                    .iterations(0)
                    .invocationsPerIteration(100)
                    .addCustomScenario(scenario)
                    .sequentialSpecification(BulkheadModel.class)
                    .check(BulkheadOperations.class))
        .doesNotThrowAnyException();
  }

  private static Actor call(String operation, Object... arguments) throws NoSuchMethodException {
    Class<?>[] types = new Class<?>[arguments.length];
    Arrays.fill(types, int.class);
    return new Actor(BulkheadOperations.class.getMethod(operation, types), List.of(arguments));
  }
}
