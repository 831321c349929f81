package io.cacheaside.examples.demo;

import static io.cacheaside.examples.demo.Evidence.exactly;

import io.cacheaside.CacheAside;
import io.cacheaside.jackson.JsonCodec;
import io.cacheaside.store.Store;
import java.util.List;
import java.util.concurrent.Future;

/** Many callers in two processes miss one key at the same moment: it is loaded once. */
final class Stampede implements Scenario {

  @Override
  public String title() {
    return "Stampede in two JVMs";
  }

  @Override
  public String plan() {
    return "100 callers here and 100 in a second JVM miss the same key at once; its query is slow.";
  }

  @Override
  public String claim() {
    return "200 callers, one query";
  }

  @Override
  public Class<?> shownSource() {
    return Callers.class;
  }

  /** Returns the cache that both processes have. */
  static CacheAside<String, Long> cacheOn(Store store) {
    return CacheAside.builder("stampede", JsonCodec.of(Long.class)).store(store).build();
  }

  @Override
  public Evidence play(Stage stage) throws Exception {
    Catalogue catalogue = new Catalogue(stage.database());
    try (SecondJvm other = SecondJvm.start(stage);
        CacheAside<String, Long> cache = cacheOn(stage.store());
        Callers callers = new Callers(cache, catalogue)) {
      stage
          .screen()
          .say("process %d starts process %d", ProcessHandle.current().pid(), other.pid());
      other.awaitReady();
      List<Future<Long>> calls = callers.assemble();
      stage.screen().say("2 x %d callers stand at the gate: go", Callers.COUNT);
      other.release();
      Callers.Answers here = callers.release(calls);
      Callers.Answers there = other.answers();

      stage.screen().say("answer here:  %,d, %d times", here.answer(), here.count());
      stage.screen().say("answer there: %,d, %d times", there.answer(), there.count());
      long same = here.count() + (there.answer() == here.answer() ? there.count() : 0);
      return Evidence.of(
          exactly(2 * Callers.COUNT, same, "callers with the same answer"),
          exactly(1, catalogue.loggedLoads(), "SQL query by both JVMs together"));
    }
  }
}
