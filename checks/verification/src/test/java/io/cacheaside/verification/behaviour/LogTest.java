package io.cacheaside.verification.behaviour;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.CacheListener;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.RetryPolicy;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** The records of the log: what each is about, how often there is one, and what is not in it. */
@InMemoryOnly
class LogTest extends CacheTest {
  private static final Duration INTERVAL = Duration.ofSeconds(10);
  private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(CacheAside.class);

  private final FakeTime time = new FakeTime();
  private final Records records = new Records();

  /** Keeps what is logged, by whatever thread. */
  private static final class Records extends AppenderBase<ILoggingEvent> {
    private final Queue<ILoggingEvent> all = new ConcurrentLinkedQueue<>();

    @Override
    protected void append(ILoggingEvent record) {
      all.add(record);
    }

    List<ILoggingEvent> of(Level level) {
      return all.stream().filter(record -> record.getLevel() == level).toList();
    }

    List<String> messages(Level level) {
      return of(level).stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
  }

  @BeforeEach
  void listen() {
    records.start();
    LOGGER.setLevel(Level.DEBUG);
    LOGGER.setAdditive(false);
    LOGGER.addAppender(records);
  }

  @AfterEach
  void listenNoLonger() {
    LOGGER.detachAppender(records);
    LOGGER.setAdditive(true);
    LOGGER.setLevel(null);
  }

  private static Map<String, Object> pairs(ILoggingEvent record) {
    return record.getKeyValuePairs().stream()
        .collect(Collectors.toMap(pair -> pair.key, pair -> pair.value));
  }

  private CacheAsideBuilder<String, String> timed() {
    return CacheAside.builder(name, Codec.string()).store(store()).environment(time);
  }

  private static void fail(CacheAside<String, String> cache, String key) {
    IllegalStateException failure = new IllegalStateException("no value");
    assertThatThrownBy(
            () ->
                cache.get(
                    key,
                    any -> {
                      throw failure;
                    }))
        .isSameAs(failure);
  }

  private static void failToInvalidate(CacheAside<String, String> cache, String key) {
    assertThatThrownBy(() -> cache.invalidate(key)).isInstanceOf(InvalidationFailedException.class);
  }

  @Test
  void aKeyCannotPretendToBeARecord() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    String key = "k\n2026-01-01 ERROR all is lost\u2028\u202e\u001b[31m";
    store.disconnect();

    assertThatThrownBy(() -> cache.invalidate(key))
        .isInstanceOf(InvalidationFailedException.class)
        .hasMessageContaining("'k\\u000a2026-01-01 ERROR all is lost\\u2028\\u202e\\u001b[31m'")
        .hasMessageNotContaining("\n");
    fail(cache, key);

    eventually(() -> assertThat(records.messages(Level.WARN)).hasSizeGreaterThanOrEqualTo(2));
    assertThat(records.messages(Level.ERROR)).isNotEmpty();
    assertThat(records.all)
        .allSatisfy(
            record -> {
              assertThat(record.getFormattedMessage()).doesNotContain("\n", "\u2028", "\u001b");
              assertThat(pairs(record).values().toString()).doesNotContain("\n", "\u2028");
            });
    store.reconnect();
  }

  @Test
  void aLoadThatFails() {
    fail(open(timed()), "k");

    eventually(() -> assertThat(records.of(Level.WARN)).hasSize(1));
    ILoggingEvent record = records.of(Level.WARN).get(0);
    assertThat(record.getFormattedMessage())
        .isEqualTo("load failed: java.lang.IllegalStateException: no value");
    assertThat(pairs(record)).isEqualTo(Map.of("cache", name, "key", "k", "suppressed", 0L));
  }

  @Test
  void oneWarningOfAKindInTenSecondsTellsHowManyWereHeldBack() {
    CacheAside<String, String> cache = open(timed());

    for (int i = 0; i < 5; i++) {
      fail(cache, "first " + i);
    }
    time.advance(INTERVAL.minusMillis(1));
    fail(cache, "too early");
    time.advance(Duration.ofMillis(1));
    fail(cache, "in time");
    fail(cache, "again");
    time.advance(INTERVAL);
    fail(cache, "last");

    eventually(() -> assertThat(cache.stats().loadFailures()).isEqualTo(9));
    assertThat(records.of(Level.WARN))
        .extracting(record -> pairs(record).get("key"), record -> pairs(record).get("suppressed"))
        .containsExactly(tuple("first 0", 0L), tuple("in time", 5L), tuple("last", 1L));
  }

  @Test
  void warningsOfOtherKindsAndOfOtherCachesAreNotHeldBack() {
    FaultyStore faulty = faultyStore();
    CacheAside<String, String> failing = open(timed().store(faulty));
    CacheAside<String, String> other =
        open(CacheAside.builder(name + "other", Codec.string()).store(store()).environment(time));

    fail(failing, "k");
    fail(other, "k");
    faulty.every().fail(Reason.REFUSED);
    failing.get("k", key -> "v");

    assertThat(records.messages(Level.WARN))
        .filteredOn(message -> message.startsWith("load failed"))
        .hasSize(2);
    assertThat(records.messages(Level.WARN))
        .filteredOn(message -> message.startsWith("store failed"))
        .hasSize(1);
  }

  @Test
  void aStoreThatFails() {
    FaultyStore faulty = faultyStore();
    CacheAside<String, String> cache = open(timed().store(faulty));

    faulty.every().fail(Reason.REFUSED);
    cache.get("k", key -> "v");

    assertThat(pairs(records.of(Level.WARN).get(0)))
        .isEqualTo(Map.of("cache", name, "operation", "read", "suppressed", 0L));
  }

  @Test
  void aValueThatIsNotCachedAndAnEntryThatIsNotReadable() throws Exception {
    CacheAside<String, String> cache = open(timed().maxPayloadBytes(10));
    cache.get("large", key -> "more than ten bytes");
    store().put(stored("damaged"), "no entry".getBytes(UTF_8), Duration.ofMinutes(1));

    cache.get("damaged", key -> "v");

    assertThat(records.of(Level.WARN))
        .extracting(record -> pairs(record).get("key"))
        .containsExactly("large", "damaged");
    assertThat(records.messages(Level.WARN).get(0))
        .startsWith("cache '" + name + "', key 'large': value not cached: ");
    assertThat(records.messages(Level.WARN).get(1))
        .startsWith("cache '" + name + "', key 'damaged': entry not readable: ");
  }

  /** Two components, of which one has a leaf in nested lists. */
  record Nest(Object left, Object right) {

    static Nest of(boolean isLeft, int depth, int position, String leaf) {
      List<Object> last = new ArrayList<>(Collections.nCopies(position, "same"));
      last.add(leaf);
      Object nested = last;
      for (int i = 1; i < depth; i++) {
        nested = List.of(nested);
      }
      return new Nest(isLeft ? nested : "none", isLeft ? "none" : nested);
    }
  }

  /** Loads a value of which the codec reads back another leaf. */
  private static void loadLossily(
      CacheAside<String, Nest> cache, boolean isLeft, int depth, int position) {
    cache.get(
        isLeft + " " + depth + " " + position, key -> Nest.of(isLeft, depth, position, "written"));
  }

  private CacheAside<String, Nest> lossy() {
    Codec<Nest> codec =
        new Codec<>() {
          @Override
          public byte[] encode(Nest value) {
            throw new UnsupportedOperationException();
          }

          @Override
          public byte[] encode(Nest value, String place) {
            return place.substring(place.indexOf(':') + 1).getBytes(UTF_8);
          }

          @Override
          public Nest decode(ByteBuffer payload) {
            String[] parts = UTF_8.decode(payload).toString().split(" ");
            return Nest.of(
                Boolean.parseBoolean(parts[0]),
                Integer.parseInt(parts[1]),
                Integer.parseInt(parts[2]),
                "read");
          }
        };
    return open(CacheAside.builder(name, codec).store(store()).environment(time));
  }

  private static void awaitSkipped(CacheAside<?, ?> cache, int fills) {
    eventually(() -> assertThat(cache.stats().skippedFills()).isEqualTo(fills));
  }

  @Test
  void eachComponentThatACodecDoesNotReadBackIsNamedOnce() {
    CacheAside<String, Nest> cache = lossy();

    for (int position = 0; position < 3; position++) {
      loadLossily(cache, true, 1, position);
      loadLossily(cache, true, 1, position);
      loadLossily(cache, false, 1, position);
      time.advance(INTERVAL);
    }

    awaitSkipped(cache, 9);
    eventually(() -> assertThat(records.messages(Level.WARN)).hasSize(2));
    assertThat(records.messages(Level.WARN))
        .satisfiesExactlyInAnyOrder(
            message -> assertThat(message).contains("$.left[", Nest.class.getTypeName()),
            message -> assertThat(message).contains("$.right[", Nest.class.getTypeName()));
  }

  @Test
  void noMoreThanAHundredComponentsAreNamed() {
    CacheAside<String, Nest> cache = lossy();

    for (int depth = 1; depth <= 60; depth++) {
      loadLossily(cache, true, depth, 0);
      loadLossily(cache, false, depth, 0);
    }

    awaitSkipped(cache, 120);
    eventually(() -> assertThat(records.messages(Level.WARN)).hasSize(100));
  }

  @Test
  void aKeyIsRedactedInTheTextOfAMessage() throws Exception {
    CacheAside<String, String> cache = open(timed().maxPayloadBytes(10).redactKeys(true));
    cache.get("large", key -> "more than ten bytes");
    store().put(stored("damaged"), "no entry".getBytes(UTF_8), Duration.ofMinutes(1));

    cache.get("damaged", key -> "v");

    assertThat(records.messages(Level.WARN))
        .hasSize(2)
        .allSatisfy(
            message -> assertThat(message).contains("key '#").doesNotContain("large", "damaged"));
  }

  @Test
  void aListenerThatThrows() {
    CacheListener<String> listener =
        new CacheListener<>() {
          @Override
          public void onMiss(String key) {
            throw new IllegalStateException("a bug");
          }
        };

    open(timed().listener(listener)).get("k", key -> "v");

    ILoggingEvent record = records.of(Level.WARN).get(0);
    assertThat(record.getFormattedMessage()).isEqualTo("a listener threw");
    assertThat(record.getThrowableProxy().getMessage()).isEqualTo("a bug");
    assertThat(pairs(record)).isEqualTo(Map.of("cache", name, "suppressed", 0L));
  }

  @Test
  void anInvalidationThatFailsAndIsRepeated() {
    FaultyStore faulty = faultyStore();
    CacheAside<String, String> cache = open(builder().store(faulty));

    faulty.every().fail(Reason.REFUSED);
    failToInvalidate(cache, "k");
    failToInvalidate(cache, "k");

    assertThat(records.messages(Level.ERROR))
        .containsExactly("invalidation of key 'k' failed: it is repeated until it succeeds");
    faulty.heal();
    eventually(
        () ->
            assertThat(records.messages(Level.INFO))
                .containsExactly(
                    "invalidation of key 'k', which had failed, was repeated with success"));
  }

  @Test
  void anOutageGivesOneStackTraceAndThenCounts() {
    FaultyStore faulty = faultyStore();
    CacheAside<String, String> cache =
        open(timed().store(faulty).invalidationRetry(RetryPolicy.none()));
    faulty.disconnect();

    for (int i = 0; i < 20; i++) {
      failToInvalidate(cache, "k" + i);
    }
    time.advance(INTERVAL);
    failToInvalidate(cache, "k20");

    assertThat(records.messages(Level.ERROR))
        .containsExactly(
            "invalidation of key 'k0' failed: it is repeated until it succeeds",
            "invalidation of key 'k20' failed, and 19 more before it: they are repeated until they"
                + " succeed");
    assertThat(records.all.stream().filter(record -> record.getThrowableProxy() != null))
        .hasSize(1);

    faulty.reconnect();
    eventually(
        () -> {
          time.advance(INTERVAL);
          assertThat(cache.stats().unconfirmedInvalidations()).isZero();
        });
    faulty.disconnect();
    failToInvalidate(cache, "next");

    assertThat(records.of(Level.ERROR)).hasSize(3);
    assertThat(records.of(Level.ERROR).get(2).getThrowableProxy()).isNotNull();
    faulty.reconnect();
  }

  @Test
  void aStoreThatFailsAndIsBack() {
    FaultyStore faulty = faultyStore();
    CacheAside<String, String> cache = open(timed().store(faulty));
    faulty.disconnect();
    cache.get("k", key -> "v");
    time.advance(Duration.ofSeconds(4));
    cache.get("k", key -> "v");
    assertThat(records.messages(Level.INFO)).isEmpty();

    faulty.reconnect();
    cache.get("k", key -> "v");
    cache.get("k", key -> "v");

    eventually(
        () ->
            assertThat(records.messages(Level.INFO))
                .singleElement()
                .asString()
                .startsWith("store works again after 4 s (cache '" + name + "', "));
    assertThat(records.messages(Level.WARN))
        .singleElement()
        .asString()
        .startsWith("store failed: ")
        .contains("(cache '" + name + "', ");
  }

  @Test
  void aStoreThatRefusesToStoreAndDoesAgain() {
    FaultyStore faulty = faultyStore();
    CacheAside<String, String> cache = open(timed().store(faulty));
    faulty.every(Operation.PUT_IF_ABSENT).fail(Reason.REFUSED);
    cache.get("k", key -> "v");
    cache.get("k", key -> "v");
    assertThat(records.messages(Level.INFO)).isEmpty();

    faulty.heal();
    cache.get("k", key -> "v");

    eventually(() -> assertThat(records.messages(Level.INFO)).hasSize(1));
  }

  @Test
  void anInvalidationThatCanNeverSucceedIsSaidToBeSo() {
    FaultyStore faulty = faultyStore();
    CacheAside<String, String> cache =
        open(timed().store(faulty).invalidationRetry(RetryPolicy.none()));
    faulty.every().fail(Reason.CLOSED);

    failToInvalidate(cache, "k");

    assertThat(records.messages(Level.ERROR))
        .containsExactly(
            "invalidation of key 'k' failed: the store is closed, so it cannot be repeated. Close a"
                + " cache before its store");
    long tries = faulty.count(Operation.REMOVE);
    time.advance(Duration.ofMinutes(10));
    assertThat(faulty.count(Operation.REMOVE)).isLessThanOrEqualTo(tries + 1);
  }

  @Test
  void aCacheThatIsClosedWithWhatIsNotConfirmed() {
    FaultyStore faulty = faultyStore();
    CacheAside<String, String> cache = open(builder().store(faulty));
    faulty.every().fail(Reason.REFUSED);
    failToInvalidate(cache, "k");

    cache.close();

    assertThat(records.messages(Level.ERROR))
        .endsWith("closed with 1 invalidations that the store has not confirmed");
  }

  @Test
  void hitsAndMissesAreForDebugging() {
    CacheAside<String, String> cache = open(timed());

    cached(cache, "k", "v");
    cache.get("k", CacheTest::notLoaded);

    assertThat(records.of(Level.DEBUG))
        .allSatisfy(record -> assertThat(pairs(record)).containsEntry("key", "k"));
    assertThat(records.messages(Level.DEBUG)).contains("hit", "miss");
  }

  @Test
  void redactedKeysAreInNoRecord() {
    FaultyStore faulty = faultyStore();
    CacheAside<String, String> cache = open(builder().redactKeys(true).store(faulty));

    fail(cache, "secret");
    cache.get("secret", key -> "v");
    faulty.every().fail(Reason.REFUSED);
    failToInvalidate(cache, "secret");

    assertThat(records.all)
        .isNotEmpty()
        .allSatisfy(
            record ->
                assertThat(record.getFormattedMessage() + record.getKeyValuePairs())
                    .doesNotContain("secret"));
  }

  @Test
  void whatABlockingReadRefreshesHasItsContext() {
    if (!isSync()) {
      return;
    }
    CacheAside<String, String> cache = open(timed().staleWhileRevalidate(Duration.ofHours(1)));
    Queue<String> requests = new ConcurrentLinkedQueue<>();
    for (String key : List.of("a", "b", "c")) {
      cached(cache, key, "old");
      cache.markStale(key);
    }

    MDC.put("request", "4711");
    try {
      cache.get(
          "a",
          key -> {
            requests.add(String.valueOf(MDC.get("request")));
            return "new";
          });
      cache.getAll(
          List.of("b", "c"),
          keys -> {
            requests.add(String.valueOf(MDC.get("request")));
            return BulkTest.itself(keys);
          });
    } finally {
      MDC.remove("request");
    }

    eventually(() -> assertThat(requests).containsExactly("4711", "4711"));
  }
}
