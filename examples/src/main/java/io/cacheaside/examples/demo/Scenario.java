package io.cacheaside.examples.demo;

/** One thing the library claims, played so that counts show it or refute it. */
interface Scenario {

  /** Returns the heading. */
  String title();

  /** Returns in one line what is going to happen. */
  String plan();

  /** Returns in a few words what the counts have to show. */
  String claim();

  /** Returns the class whose marked lines are shown. */
  default Class<?> shownSource() {
    return getClass();
  }

  /** Plays the scenario, tells what is seen meanwhile, and returns the counts. */
  Evidence play(Stage stage) throws Exception;
}
