package io.cacheaside.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TimelineTest {

  private static final int MANY = 1_000;

  private final Timeline timeline = new Timeline();

  @Test
  void aBusyThreadDoesNotPushOutWhatOthersDid() throws InterruptedException {
    on("slow", () -> timeline.add("loads version 1"));
    on("busy", this::readOften);
    on("slow", () -> timeline.add("has read version 1"));

    assertThat(timeline.toString())
        .containsSubsequence("loads version 1", "read " + MANY, "has read version 1")
        .doesNotContain("read 1\n");
  }

  private void readOften() {
    for (int i = 1; i <= MANY; i++) {
      timeline.add("read " + i);
    }
  }

  private static void on(String name, Runnable work) throws InterruptedException {
    Thread thread = new Thread(work, name);
    thread.start();
    thread.join();
  }
}
