package io.cacheaside.verification.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** A history in which a guarantee is broken is found, one in which none is broken is not. */
@Tag("unit")
class CheckerTest {
  private static final int KEY = 0;
  private static final int FAR = 0;
  private static final int NEAR = 1;
  private static final long END = 100_000;
  private static final long STALENESS = WorkerSettings.MAX_STALENESS.toMillis();

  private final List<Event> events = new ArrayList<>();
  private final List<Episode> episodes = new ArrayList<>();

  // ---- Histories by hand; all times in milliseconds -------------------------------------------

  private static long nanos(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }

  private void add(
      int process,
      Kind kind,
      Manner manner,
      Outcome outcome,
      long start,
      long end,
      long asked,
      long committed,
      long version,
      long latest) {
    events.add(
        new Event(
            process,
            0,
            0,
            process == NEAR,
            kind,
            KEY,
            manner,
            outcome,
            nanos(start),
            nanos(end),
            nanos(asked),
            committed,
            version,
            latest));
  }

  private void read(int process, Manner manner, long start, long version) {
    add(process, Kind.READ, manner, Outcome.VALUE, start, start + 1, 0, 0, version, 1000);
  }

  private void read(int process, long start, Outcome outcome) {
    add(process, Kind.READ, Manner.PLAIN, outcome, start, start + 1, 0, 0, 0, 1000);
  }

  private void change(int process, Kind kind, Outcome outcome, long start, long end, long version) {
    add(process, kind, Manner.PLAIN, outcome, start, end, 0, version, 0, 0);
  }

  private void invalidated(int process, long start, long end, long version) {
    change(process, Kind.INVALIDATE, Outcome.DONE, start, end, version);
  }

  private void load(int process, Outcome outcome, long asked, long start) {
    add(process, Kind.LOAD, Manner.PLAIN, outcome, start, start + 2, asked, 0, 1, 0);
  }

  private void load(long asked, long start) {
    load(FAR, Outcome.VALUE, asked, start);
  }

  private void happened(Fault fault, int process, long begin, long end, Set<Integer> lost) {
    happened(fault, process, begin, end, lost, Episode.NEVER_NANOS);
  }

  private void happened(
      Fault fault, int process, long begin, long end, Set<Integer> lost, long splitNanos) {
    episodes.add(
        new Episode(
            fault, "by hand", process, 0, lost, splitNanos, nanos(begin), nanos(end), nanos(end)));
  }

  private History history() {
    return new History("by hand", 0, events, episodes, 0, nanos(END));
  }

  private List<String> broken() {
    return Checker.check(history()).stream().map(Violation::guarantee).toList();
  }

  // ---- G1, G2, G5: how old --------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(names = {"INVALIDATE", "WRITE_THEN_INVALIDATE", "INVALIDATE_TAG", "CLEAR", "UPDATE"})
  void aReadThatIsOlderThanAnInvalidationBreaksG1(Kind kind) {
    change(FAR, kind, Outcome.DONE, 10, 11, 7);
    read(FAR, Manner.PLAIN, 12, 6);

    assertThat(broken()).containsExactly("G1");
  }

  @Test
  void aReadThatReflectsTheInvalidationIsFine() {
    invalidated(FAR, 10, 11, 7);
    read(FAR, Manner.PLAIN, 12, 7);
    read(NEAR, Manner.PLAIN, 12 + STALENESS, 7);
    read(NEAR, Manner.STRICT, 12, 8);

    assertThat(broken()).isEmpty();
  }

  @Test
  void anOlderInvalidationThatReturnsLaterRequiresNoLess() {
    invalidated(FAR, 10, 11, 7);
    invalidated(FAR, 9, 12, 6);
    read(FAR, Manner.PLAIN, 13, 6);

    assertThat(broken()).containsExactly("G1");
  }

  @Test
  void aReadThatBeganBeforeTheInvalidationReturnedMayBeOld() {
    invalidated(FAR, 10, 20, 7);
    read(FAR, Manner.PLAIN, 19, 1);

    assertThat(broken()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"DONE", "STORE_FAILED", "NONE"})
  void whatDidNotReturnNormallyRequiresNothingElsewhere(Outcome outcome) {
    Kind kind = outcome == Outcome.DONE ? Kind.MARK_STALE : Kind.INVALIDATE;
    change(FAR, kind, outcome, 10, outcome == Outcome.NONE ? 0 : 11, 7);
    happened(Fault.KILL_CLIENT, FAR, 11, 12, Set.of());
    read(2, Manner.PLAIN, 20, 1);

    assertThat(broken()).isEmpty();
  }

  @Test
  void anOldReadInTheProcessWhoseInvalidationFailedBreaksG5() {
    change(FAR, Kind.INVALIDATE, Outcome.STORE_FAILED, 10, 11, 7);
    read(FAR, Manner.PLAIN, 12, 6);

    assertThat(broken()).containsExactly("G5");
  }

  @Test
  void aNearReadElsewhereMayBeOldForTheAllowedStaleness() {
    invalidated(FAR, 10, 11, 7);
    read(NEAR, Manner.PLAIN, 10 + STALENESS, 6);

    assertThat(broken()).isEmpty();
  }

  @Test
  void aNearReadElsewhereThatIsOldForLongerBreaksG2() {
    invalidated(FAR, 10, 11, 7);
    read(NEAR, Manner.PLAIN, 12 + STALENESS, 6);

    assertThat(broken()).containsExactly("G2");
  }

  @Test
  void aNearReadThatIsOldAlthoughTheProcessWasToldBreaksG2() {
    invalidated(FAR, 10, 11, 7);
    change(NEAR, Kind.PROOF, Outcome.DONE, 12, 13, 0);
    read(NEAR, Manner.PLAIN, 14, 6);

    assertThat(broken()).containsExactly("G2");
  }

  @Test
  void aProofThatWasAskedForBeforeOrFailedOrWasGivenToAnotherProcessProvesNothing() {
    change(NEAR, Kind.PROOF, Outcome.DONE, 9, 13, 0);
    invalidated(FAR, 10, 11, 7);
    change(NEAR, Kind.PROOF, Outcome.STORE_FAILED, 12, 13, 0);
    change(FAR, Kind.PROOF, Outcome.DONE, 12, 13, 0);
    read(NEAR, Manner.PLAIN, 14, 6);

    assertThat(broken()).isEmpty();
  }

  @Test
  void aNearReadInTheProcessThatInvalidatedMayNotBeOldAtAll() {
    invalidated(NEAR, 10, 11, 7);
    read(NEAR, Manner.PLAIN, 12, 6);

    assertThat(broken()).containsExactly("G1");
  }

  @Test
  void aStrictReadMayNotBeOldAtAll() {
    invalidated(FAR, 10, 11, 7);
    read(NEAR, Manner.STRICT, 12, 6);

    assertThat(broken()).containsExactly("G1");
  }

  @Test
  void aForcedReadReflectsWhatWasCommittedWhenItBegan() {
    add(FAR, Kind.READ, Manner.FORCED, Outcome.VALUE, 10, 11, 0, 7, 6, 9);

    assertThat(broken()).containsExactly("G1");
  }

  @Test
  void anAbsenceFromBeforeAnInvalidationBreaksG1() {
    invalidated(FAR, 10, 11, 6);
    add(FAR, Kind.READ, Manner.PLAIN, Outcome.ABSENT, 12, 13, 0, 6, 0, 7);

    assertThat(broken()).containsExactly("G1");
  }

  @Test
  void anAbsenceThatWasCommittedSinceIsFine() {
    invalidated(FAR, 10, 11, 4);
    add(FAR, Kind.READ, Manner.PLAIN, Outcome.ABSENT, 12, 13, 0, 4, 0, 5);

    assertThat(broken()).isEmpty();
  }

  // ---- What is excepted -----------------------------------------------------------------------

  @Test
  void anUpdateThatIsNotCopiedYetMayBeLostInAFailover() {
    change(FAR, Kind.UPDATE, Outcome.DONE, 9_000, 9_001, 7);
    happened(Fault.KILL_SERVER, -1, 9_500, 12_000, Set.of(KEY));
    read(FAR, Manner.PLAIN, 20_000, 6);

    assertThat(broken()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"INVALIDATE", "WRITE_THEN_INVALIDATE", "INVALIDATE_TAG", "CLEAR"})
  void anInvalidationHasWaitedForItsCopy(Kind kind) {
    change(FAR, kind, Outcome.DONE, 9_000, 9_001, 7);
    happened(Fault.KILL_SERVER, -1, 9_500, 12_000, Set.of(KEY));
    read(FAR, Manner.PLAIN, 20_000, 6);

    assertThat(broken()).containsExactly("G1");
  }

  @Test
  void anUpdateBeforeThatOrOfAnotherPrimaryMayNotBeLost() {
    change(FAR, Kind.UPDATE, Outcome.DONE, 5_000, 5_001, 7);
    happened(Fault.KILL_SERVER, -1, 9_500, 12_000, Set.of(KEY));
    happened(Fault.KILL_SERVER, -1, 5_500, 8_000, Set.of(KEY + 1));
    read(FAR, Manner.PLAIN, 20_000, 6);

    assertThat(broken()).containsExactly("G1");
  }

  @Test
  void whileAReplacedPrimaryGoesOnReadsMayBeOldAndNoLonger() {
    invalidated(FAR, 10, 11, 7);
    happened(Fault.FREEZE_UNTIL_FAILOVER, -1, 5, 9_000, Set.of(), nanos(8_000));
    read(FAR, Manner.PLAIN, 8_500, 6);
    assertThat(broken()).isEmpty();

    read(FAR, Manner.PLAIN, 7_000, 6);
    read(FAR, Manner.PLAIN, 9_001, 6);
    assertThat(broken()).containsExactly("G1", "G1");
  }

  // ---- G3: how many loads ---------------------------------------------------------------------

  @Test
  void twoLoadsOfOneKeyBreakG3() {
    load(10, 11);
    load(10, 12);

    assertThat(broken()).containsExactly("G3");
  }

  @Test
  void oneLoadMoreThanThereAreInvalidationsBreaksG3() {
    load(10, 11);
    invalidated(FAR, 12, 13, 1);
    load(14, 15);
    assertThat(broken()).isEmpty();

    load(14, 16);
    assertThat(broken()).containsExactly("G3");
  }

  @Test
  void anInvalidationFromLongBeforeAllowsNoStampedeNow() {
    invalidated(FAR, 10, 11, 1);
    invalidated(FAR, 12, 13, 1);
    load(1_000, 1_001);
    load(1_000, 1_002);

    assertThat(broken()).containsExactly("G3");
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      mode = Mode.EXCLUDE,
      names = {"READ", "LOAD", "PROOF"})
  void whatTakesAValueOrALeaseAwayAllowsAnotherLoad(Kind kind) {
    load(10, 11);
    change(FAR, kind, Outcome.DONE, 12, 12, 1);
    load(13, 14);

    assertThat(broken()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"INVALIDATE", "INVALIDATE_TAG", "CLEAR", "UPDATE"})
  void whatEndsAnIdAllowsOneLoadAroundTheCacheAsWell(Kind kind) {
    load(10, 11);
    change(FAR, kind, Outcome.DONE, 12, 13, 1);
    load(13, 14);
    load(13, 15);

    boolean endsAnId = kind == Kind.INVALIDATE_TAG || kind == Kind.CLEAR;
    assertThat(broken()).hasSize(endsAnId ? 0 : 1);
  }

  /** The lease of each load is lost to a reader with other ids of the tag than the one before. */
  @Test
  void anInvalidatedTagAllowsNoFourthLoadAroundIt() {
    load(10, 11);
    change(FAR, Kind.INVALIDATE_TAG, Outcome.DONE, 12, 143, 1);
    load(20, 60);
    load(NEAR, Outcome.VALUE, 15, 100);
    assertThat(broken()).isEmpty();

    load(150, 282);
    assertThat(broken()).containsExactly("G3");
  }

  @Test
  void whatWasUnderWayInAKilledProcessAllowsNothingLater() {
    change(FAR, Kind.INVALIDATE, Outcome.NONE, 10, 0, 1);
    happened(Fault.KILL_CLIENT, FAR, 20, 21, Set.of());
    load(30, 31);
    load(30, 32);

    assertThat(broken()).containsExactly("G3");
  }

  @Test
  void aRefreshOfAValueThatWasStoredDuringItsReadIsNotCounted() {
    load(10, 11);
    read(FAR, Manner.PLAIN, 12, 1);
    load(12, 14);
    assertThat(broken()).isEmpty();

    load(12, 13);
    assertThat(broken()).containsExactly("G3");
  }

  @Test
  void aRefreshOfAValueThatWasStoredLongAgoIsCounted() {
    load(10, 11);
    read(FAR, Manner.PLAIN, 1_000, 1);
    load(1_000, 1_002);
    load(1_000, 1_003);

    assertThat(broken()).containsExactly("G3");
  }

  @Test
  void aFailedLoadAllowsAnotherOne() {
    load(FAR, Outcome.SOURCE_FAILED, 10, 11);
    load(12, 13);

    assertThat(broken()).isEmpty();
  }

  @Test
  void aForcedReadAllowsAnotherLoad() {
    load(10, 11);
    add(FAR, Kind.READ, Manner.FORCED, Outcome.VALUE, 20, 30, 0, 1, 1, 1);
    add(FAR, Kind.LOAD, Manner.FORCED, Outcome.VALUE, 21, 29, 20, 0, 1, 0);

    assertThat(broken()).isEmpty();
  }

  @Test
  void ofAKilledWorkerALeaseAndARefreshLeaseMayBeTakenOver() {
    load(10, 11);
    happened(Fault.KILL_CLIENT, FAR, 12, 13, Set.of());
    load(13, 15);
    load(13, 16);
    assertThat(broken()).isEmpty();

    load(13, 17);
    assertThat(broken()).containsExactly("G3");
  }

  @ParameterizedTest
  @EnumSource
  void loadsAreCountedWhileTheStoreWorksOnly(Fault fault) {
    happened(fault, -1, 10, 100, Set.of());
    for (int i = 0; i < 9; i++) {
      load(20, 21 + i);
    }

    assertThat(broken().contains("G3")).isEqualTo(fault.storeWorks());
  }

  @Test
  void loadsAreCountedAgainWhenTheStoreWorksAgain() {
    happened(Fault.NO_NETWORK, -1, 10, 100, Set.of());
    load(101, 102);
    load(101, 103);

    assertThat(broken()).containsExactly("G3");
  }

  // ---- G4, G5, G8: every operation ends, with an answer ----------------------------------------

  @Test
  void whatNeverEndsBreaksG4UnlessItsProcessWasKilled() {
    add(FAR, Kind.READ, Manner.PLAIN, Outcome.NONE, 10, 0, 0, 0, 0, 0);
    assertThat(broken()).containsExactly("G4");

    happened(Fault.KILL_CLIENT, NEAR, 20, 21, Set.of());
    assertThat(broken()).containsExactly("G4");

    happened(Fault.KILL_CLIENT, FAR, 20, 21, Set.of());
    assertThat(broken()).isEmpty();
  }

  @Test
  void aLoadInTheBackgroundMayBeUnderWayWhenAllIsOver() {
    add(FAR, Kind.READ, Manner.PLAIN, Outcome.VALUE, 10, 11, 0, 0, 1, 1);
    add(FAR, Kind.LOAD, Manner.PLAIN, Outcome.NONE, 12, 0, 10, 0, 0, 0);

    assertThat(broken()).isEmpty();
  }

  @Test
  void whatTakesTooLongBreaksG4UnlessItsProcessWasStopped() {
    long limit = Checker.LONGEST_OPERATION.toMillis();
    add(FAR, Kind.READ, Manner.PLAIN, Outcome.VALUE, 10, 20 + limit, 0, 0, 1, 1);
    assertThat(broken()).containsExactly("G4");

    happened(Fault.STOP_CLIENT, FAR, 10, 1_000, Set.of());
    assertThat(broken()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"STORE_FAILED", "UNEXPECTED", "TIMED_OUT"})
  void aReadWithoutAnAnswerBreaksG5(Outcome outcome) {
    read(FAR, 10, outcome);

    assertThat(broken()).containsExactly("G5");
  }

  @Test
  void aFailureOfTheSourceIsAnAnswer() {
    read(FAR, 10, Outcome.SOURCE_FAILED);

    assertThat(broken()).isEmpty();
  }

  @Test
  void aLoadOfAStoppedWorkerMayTakeTooLong() {
    read(FAR, 10, Outcome.TIMED_OUT);
    happened(Fault.STOP_CLIENT, NEAR, 5, 11, Set.of());

    assertThat(broken()).isEmpty();
  }

  @Test
  void aWriteThatFailsForAnotherReasonThanTheStoreBreaksG5() {
    change(FAR, Kind.INVALIDATE, Outcome.UNEXPECTED, 10, 11, 1);

    assertThat(broken()).containsExactly("G5");
  }

  @Test
  void aValueThatWasNeverWrittenBreaksG8() {
    read(FAR, 10, Outcome.DAMAGED);
    assertThat(broken()).containsExactly("G8");
  }

  @Test
  void aValueFromTheFutureBreaksG8() {
    add(FAR, Kind.READ, Manner.PLAIN, Outcome.VALUE, 10, 11, 0, 1, 3, 2);

    assertThat(broken()).containsExactly("G8");
  }

  @Test
  void aValueOfAnotherKeyWasNeverWrittenForThisOne() {
    String value = String.valueOf(VersionedSource.valueOf(1, 3));

    assertThat(VersionedSource.versionOf(1, value)).isEqualTo(3);
    assertThat(VersionedSource.versionOf(2, value)).isEqualTo(VersionedSource.DAMAGED);
    assertThat(VersionedSource.versionOf(1, value + "x")).isEqualTo(VersionedSource.DAMAGED);
    assertThat(VersionedSource.versionOf(1, "")).isEqualTo(VersionedSource.DAMAGED);
  }

  @Test
  void aViolationShowsWhatLedToIt() {
    invalidated(FAR, 10, 11, 7);
    happened(Fault.FLUSH, -1, 12, 13, Set.of());
    load(14, 15);
    read(FAR, Manner.PLAIN, 14, 6);

    assertThat(Checker.check(history()).toString())
        .containsSubsequence(
            "older than version 7", "INVALIDATE k0 of 7", "FLUSH", "READ k0", "LOAD k0");
  }
}
