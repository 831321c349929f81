package io.cacheaside.simulation.scale;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.simulation.scale.ScaleRun.Design;
import io.cacheaside.simulation.scale.ScaleRun.Figures;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScaleRunTest {
  private static final int NODES = 30;
  private static final int KEYS = 5;
  private static final int TTLS = 3;
  private static final Duration WAY = Duration.ofMillis(10);

  private static Figures run(Design design) {
    return new ScaleRun(design, NODES, KEYS, 1).run();
  }

  @ParameterizedTest
  @EnumSource(names = {"NEAR", "SHARED"})
  void theSourceIsAskedOnceForEachWriteAndEachTimeToLive(Design design) {
    assertThat(run(design).loads()).isBetween(1L, 2L * TTLS * KEYS + KEYS);
  }

  @Test
  void aNearCacheSparesMostReadsTheServer() {
    Figures near = run(Design.NEAR);

    assertThat(near.reads()).isGreaterThan(NODES * ScaledNode.TTL.toSeconds());
    assertThat(near.commands()).isLessThan(near.reads() / 2);
    assertThat(near.longestStale()).isLessThan(WAY);
    assertThat(run(Design.SHARED).stale()).isZero();
  }

  @Test
  void aTimeToLiveAloneLoadsInEachProcessAndServesWhatIsStale() {
    Figures local = run(Design.LOCAL);

    assertThat(local.loads()).isGreaterThan((long) NODES * TTLS);
    assertThat(local.longestStale()).isGreaterThan(Duration.ofSeconds(1));
    assertThat(local.messages()).isZero();
  }

  @Test
  void eachWriteIsToldToAllWhoSubscribed() {
    Figures broadcast = run(Design.BROADCAST);

    long lastMayBeUnderWay = (broadcast.writes() - 1) * NODES;
    assertThat(broadcast.messages()).isBetween(lastMayBeUnderWay, broadcast.writes() * NODES);
  }

  @Test
  void theSameSeedCountsTheSame() {
    assertThat(run(Design.NEAR)).isEqualTo(run(Design.NEAR));
  }
}
