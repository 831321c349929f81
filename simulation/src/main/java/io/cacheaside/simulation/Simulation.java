package io.cacheaside.simulation;

import io.cacheaside.AsyncContextLoader;
import io.cacheaside.AsyncLoader;
import io.cacheaside.BulkLoadException;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.ReadOptions;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One run: random operations of three processes on two keys, random faults, and the oracle.
 *
 * <p>The source holds a version per key; the {@link Oracle} knows which a read may return. Every
 * operation must end (G4), values must be those of their key (G8), and no failure of the store may
 * come out of a read (G5).
 */
final class Simulation {
  private static final int ACTORS = 5;
  private static final int OPERATIONS = 60;
  private static final int MAX_FURTHER_READS = 150;
  private static final int FORCED = 1;
  private static final int DEFAULTS = 4;
  private static final int CROWD = 10;
  private static final Duration SOURCE_LAG = Features.HOLD_OFF.minusMillis(1);
  private static final int STEP_LIMIT = 200_000;
  static final List<String> KEYS = List.of("a", "b");

  private final long seed;
  private final boolean faults;
  private final Features features;
  private final boolean lagging;
  private final Scheduler scheduler;
  private final SimulatedCluster cluster;
  private final List<SimulatedProcess> processes = new ArrayList<>();
  private final Map<String, Integer> committed = new HashMap<>();
  private final Oracle oracle;
  private final LoadBudget budget = new LoadBudget(SimulatedProcess.SHORTEST_TTL);
  private final FurtherOperations further;
  private final HungLoads hung;
  private final Faults disturbances;
  private final @Nullable SickNode sick;
  private final List<Event> timeline = new ArrayList<>();
  private int born = 3;
  private int pending;
  private int operations;
  private int furtherReads;
  private int loads;
  private int ended;
  private @Nullable Broken broken;

  Simulation(long seed) {
    this.seed = seed;
    this.scheduler = new Scheduler(seed);
    this.faults = seed % 4 != 0;
    this.features = Features.of(seed);
    this.cluster = new SimulatedCluster(scheduler, features);
    this.lagging = !faults && features.barriers() && features.lag();
    this.oracle = new Oracle(features.copies(), lagging ? SOURCE_LAG : Duration.ZERO);
    this.hung = new HungLoads(scheduler, features);
    this.further = new FurtherOperations(this, scheduler, oracle, features);
    this.disturbances = new Faults(this, scheduler, cluster, oracle, features);
    this.sick = features.isolated() ? new SickNode(this, scheduler, cluster, features) : null;
    for (int i = 0; i < 3; i++) {
      processes.add(new SimulatedProcess(scheduler, cluster, i, features));
    }
  }

  /** Runs to the end, which is where a guarantee is broken at the latest. */
  Run run() {
    try {
      runToTheEnd();
      return new Run(seed, ended, loads, null);
    } catch (Broken broken) {
      return new Run(seed, ended, loads, broken.violation(timeline()));
    }
  }

  private void runToTheEnd() {
    for (int actor = 0; actor < ACTORS; actor++) {
      next();
    }
    if (sick != null) {
      sick.comeAndGo();
    }
    if (features.shapes() && features.calm()) {
      new RollingDeployment(this, scheduler).begin();
    }
    for (int steps = 0; operations < OPERATIONS || pending > 0; steps++) {
      if (faults && scheduler.chance(0.01)) {
        disturbances.next();
      }
      if (broken != null) {
        throw broken;
      }
      if (!scheduler.step()) {
        throw new Broken("G4", pending + " operations never ended");
      }
      if (steps > STEP_LIMIT) {
        throw new Broken("G4", "no end after " + STEP_LIMIT + " steps");
      }
    }
  }

  private void next() {
    if (operations++ < OPERATIONS) {
      pending++;
      scheduler.after("world", scheduler.upTo(Duration.ofMillis(400)), this::operate);
    }
  }

  private void ended() {
    pending--;
    ended++;
    if (pending < ACTORS) {
      next();
    }
  }

  /** Puts another process in the place of one that ends. */
  private SimulatedProcess replace(SimulatedProcess ending) {
    SimulatedProcess successor = new SimulatedProcess(scheduler, cluster, born++, features);
    processes.set(processes.indexOf(ending), successor);
    return successor;
  }

  /** Ends a process at once; its operations never end. */
  void kill(SimulatedProcess dying) {
    replace(dying);
    int left = dying.kill();
    for (int i = 0; i < left; i++) {
      ended();
    }
  }

  private void operate() {
    closeNowAndThen();
    SimulatedProcess process = anyProcess();
    String key = anyKey();
    if (lagging) {
      operateOnLaggingSource(process, key);
      return;
    }
    if (scheduler.chance(0.15)) {
      further.operate(process, key);
      return;
    }
    int dice = scheduler.random().nextInt(100);
    if (dice < 50) {
      get(process, key);
    } else if (dice < 60) {
      getAll(process);
    } else if (dice < 72) {
      writeAndInvalidate(process, key);
    } else if (dice < 78) {
      writeThenInvalidate(process, key);
    } else if (dice < 84) {
      writeAndUpdate(process, key);
    } else if (dice < 88 && sick == null) {
      writeAndEndAll(process);
    } else if (dice < 92) {
      markStale(process, key);
    } else if (dice < 94 && features.barriers()) {
      writeFenced(process, key);
    } else if (dice < 97 && features.tags()) {
      writeAndInvalidateLoaderTag(process);
    } else {
      changeTtl(process, key);
    }
  }

  private void closeNowAndThen() {
    if (!features.calm() && scheduler.chance(0.02)) {
      SimulatedProcess process = anyProcess();
      noted("close " + process.host(), () -> process.close(replace(process)));
    }
  }

  /** Operations that leave a hold-off, which nothing but the server's faults ends early. */
  private void operateOnLaggingSource(SimulatedProcess process, String key) {
    int dice = scheduler.random().nextInt(100);
    if (dice < 60) {
      get(process, key);
    } else if (dice < 70) {
      getAll(process);
    } else if (dice < 85) {
      writeAndInvalidate(process, key);
    } else if (dice < 90) {
      writeThenInvalidate(process, key);
    } else if (dice < 95) {
      writeFenced(process, key);
    } else {
      further.writeAndInvalidateAll(process);
    }
  }

  // ---- Operations -------------------------------------------------------------------------------

  private void get(SimulatedProcess process, String key) {
    get(process, key, scheduler.random().nextInt(12));
    if (scheduler.chance(0.1)) {
      changeTtlMeanwhile(process, key);
    }
  }

  private void get(SimulatedProcess process, String key, int kind) {
    long begunNanos = scheduler.nowNanos();
    ReadOptions options = readOptions(kind);
    if (kind <= FORCED) {
      budget.allow(key, 1);
    }
    boolean asksTheStore = kind < 3;
    Oracle.Least least = leastOf(process, key, asksTheStore);
    Reading reading = new Reading(scheduler, oracle, process.host(), key, least, impatientNanos());
    String what = process.host() + " get " + key + " (" + least + ")";
    track(
        process,
        what,
        process.async().get(key, options, reading.with(loaderOf(process, key))),
        (value, failure) -> {
          if (failure == null) {
            check(what, key, value, reading::brokenBy);
          } else {
            boolean ofSick = sick != null && sick.has(key);
            checkReadFailure(what, failure, ofSick || hung.excuses(begunNanos));
          }
          if (features.near() && scheduler.chance(0.4)) {
            readWithin(features.maxStaleness(), process, key);
          }
        });
  }

  /** Returns when a read that begins now may go on with something stale. */
  private long impatientNanos() {
    return features.stale()
        ? scheduler.nowNanos() + Features.SOFT_TIMEOUT.toNanos()
        : Long.MAX_VALUE;
  }

  private void getAll(SimulatedProcess process) {
    long begunNanos = scheduler.nowNanos();
    Oracle.Least leastA = leastOf(process, "a", false);
    Oracle.Least leastB = leastOf(process, "b", false);
    String what = process.host() + " getAll (" + leastA + ", " + leastB + ")";
    AsyncLoader<String, String> one = untagged(process);
    track(
        process,
        what,
        process
            .async()
            .getAll(
                bulkKeys(),
                keys -> {
                  Map<String, CompletableFuture<String>> values = new HashMap<>();
                  for (String key : keys) {
                    values.put(key, one.load(key).toCompletableFuture().thenApply(v -> v));
                  }
                  return counted(
                          process,
                          () ->
                              CompletableFuture.allOf(
                                  values.values().toArray(CompletableFuture[]::new)))
                      .thenApply(
                          all -> {
                            Map<String, String> result = new HashMap<>();
                            values.forEach((key, value) -> result.put(key, value.join()));
                            return result;
                          });
                }),
        (values, failure) -> {
          if (failure == null) {
            check(what, "a", values.get("a"), leastA::brokenBy);
            if (bulkKeys().contains("b")) {
              check(what, "b", values.get("b"), leastB::brokenBy);
            }
          } else {
            checkReadFailure(what, failure, sick != null || hung.excuses(begunNanos));
          }
        });
  }

  /** A bulk loader names no tags, so it does not load what has to have one. */
  private List<String> bulkKeys() {
    return features.tags() ? List.of("a") : List.of("a", "b");
  }

  private void writeAndInvalidate(SimulatedProcess process, String key) {
    readMeanwhile(process, key);
    int version = commit(key);
    String what = process.host() + " invalidate " + key + " after " + version;
    CompletableFuture<?> done =
        features.barriers() && scheduler.chance(0.5)
            ? process.async().invalidate(key, version)
            : process.async().invalidate(key);
    track(
        process,
        what,
        done,
        (ended, failure) -> raising(process, what, key, version).accept(null, failure));
  }

  private void writeThenInvalidate(SimulatedProcess process, String key) {
    int[] version = new int[1];
    String what = process.host() + " writeThenInvalidate " + key;
    CompletableFuture<Integer> written =
        process
            .async()
            .writeThenInvalidate(
                key, () -> later(process, Duration.ofMillis(50), () -> version[0] = commit(key)));
    track(
        process,
        what,
        written,
        (done, failure) -> raising(process, what, key, version[0]).accept(null, failure));
  }

  /** What is made of a value that somebody has vouched for is vouched for, too. */
  private void writeAndUpdate(SimulatedProcess process, String key) {
    int version = commit(key);
    if (oracle.vouchesFor(key)) {
      oracle.vouch(key, version);
    }
    if (scheduler.chance(0.3)) {
      changeWithin(Duration.ofMillis(10), key);
    }
    String what = process.host() + " update " + key + " to " + version;
    track(
        process,
        what,
        process.async().update(key, old -> key + ":" + Math.max(version(old), version)),
        (done, failure) -> {
          oracle.vouchUntil(key, version, scheduler.nowNanos());
          raising(process, what, key, version, false).accept(done, failure);
        });
  }

  private void writeAndEndAll(SimulatedProcess process) {
    int a = commit("a");
    int b = commit("b");
    boolean byTag = features.tags() && scheduler.chance(0.5);
    boolean byPattern = !byTag && scheduler.chance(0.3);
    String how = byTag ? " invalidateTag" : byPattern ? " invalidateMatching" : " clear";
    allowByAnId();
    String what = process.host() + how + " after " + a + ", " + b;
    if (faults && scheduler.chance(0.2)) {
      scheduler.after("world", scheduler.upTo(Duration.ofMillis(30)), disturbances::promotion);
    }
    CompletableFuture<?> done =
        byTag
            ? process.async().invalidateTag(Features.TAG)
            : byPattern ? process.async().invalidateMatching("*") : process.async().clear();
    track(
        process,
        what,
        done,
        (ended, failure) -> {
          raising(process, what, "a", a).accept(null, failure);
          raising(process, what, "b", b).accept(null, failure);
          readNeighbours(process);
        });
  }

  private void allowByAnId() {
    for (String key : KEYS) {
      budget.allow(key, LoadBudget.ALLOWED_BY_AN_ID);
    }
  }

  private void readNeighbours(SimulatedProcess process) {
    for (String key : KEYS) {
      pending++;
      further.readNeighbour(process, key);
    }
  }

  private void writeAndInvalidateLoaderTag(SimulatedProcess process) {
    int version = commit("b");
    allowByAnId();
    String what = process.host() + " invalidateTag of loaders after b:" + version;
    track(
        process,
        what,
        process.async().invalidateTag(Features.LOADER_TAG),
        raising(process, what, "b", version));
  }

  private void markStale(SimulatedProcess process, String key) {
    budget.allow(key, 1);
    String what = process.host() + " markStale " + key;
    track(
        process,
        what,
        process.async().markStale(key),
        (marked, failure) -> checkWriteFailure(what, failure));
  }

  private void writeFenced(SimulatedProcess process, String key) {
    int[] version = new int[1];
    boolean rollback = scheduler.chance(0.3);
    String what = process.host() + (rollback ? " rolled back " : " fenced write ") + key;
    CompletableFuture<Void> done =
        process
            .async()
            .fence(key)
            .thenCompose(
                fence ->
                    rollback
                        ? fence.lift()
                        : later(process, Duration.ofMillis(50), () -> version[0] = commit(key))
                            .thenCompose(committedVersion -> fence.invalidate()));
    track(
        process,
        what,
        done,
        (ended, failure) -> raising(process, what, key, version[0]).accept(null, failure));
  }

  private void changeTtl(SimulatedProcess process, String key) {
    budget.allow(key, 1);
    String what = process.host() + " ttl " + key;
    CompletableFuture<Boolean> done =
        scheduler.chance(0.5)
            ? process.async().touch(key)
            : process.async().setTtl(key, scheduler.upTo(Duration.ofSeconds(20)).plusMillis(1));
    track(process, what, done, (changed, failure) -> checkWriteFailure(what, failure));
  }

  /** Meets the lease of a load, if there is one. */
  private void changeTtlMeanwhile(SimulatedProcess process, String key) {
    pending++;
    scheduler.after(
        "world", scheduler.upTo(Duration.ofMillis(30)), () -> changeTtl(process.open(), key));
  }

  int commit(String key) {
    int version = committed.merge(key, 1, Integer::sum);
    budget.allow(key, 1);
    oracle.committed(key, version, scheduler.nowNanos());
    note("source commits " + key + ":" + version);
    return version;
  }

  int committed(String key) {
    return committed.getOrDefault(key, 0);
  }

  static String neighbourValue(String key) {
    return "neighbour's " + key;
  }

  CompletableFuture<String> loadNeighbour(SimulatedProcess process, String key) {
    note(process.host() + " loads neighbour's " + key);
    return later(process, Duration.ofMillis(30), () -> neighbourValue(key));
  }

  private ReadOptions readOptions(int kind) {
    return switch (kind) {
      case 0 -> ReadOptions.defaults().maxAge(scheduler.upTo(Duration.ofSeconds(3)));
      case FORCED -> ReadOptions.defaults().forceRefresh();
      case 2 -> ReadOptions.defaults().strict();
      case 3 -> features.calm() ? ReadOptions.defaults() : ReadOptions.defaults().doNotCache();
      default -> ReadOptions.defaults();
    };
  }

  private AsyncContextLoader<String, String> loaderOf(SimulatedProcess process, String key) {
    AsyncContextLoader<String, String> loader = loader(process);
    return sick == null ? loader : sick.behindTheStore(process, key, loader);
  }

  /** A loader that now and then decides something about what it returns. */
  private AsyncContextLoader<String, String> loader(SimulatedProcess process) {
    AsyncLoader<String, String> source = untagged(process);
    return (key, context) ->
        counted(process, () -> source.load(key))
            .thenApply(
                value -> {
                  if (features.tags() && key.equals("b")) {
                    context.tags(Features.LOADER_TAG);
                  }
                  if (!features.calm() && scheduler.chance(0.05)) {
                    context.doNotCache();
                  }
                  boolean same = value != null && context.oldValue().equals(Optional.of(value));
                  return same ? context.notModified() : value;
                });
  }

  /** Calls a loader, which must not be one too many. */
  private <T> CompletionStage<T> counted(
      SimulatedProcess process, Callable<CompletionStage<T>> loader) throws Exception {
    if (!features.calm() || features.hangs()) {
      return loader.call();
    }
    checked(() -> budget.begun(process.host()));
    return loader.call().whenComplete((value, failure) -> budget.ended(process.host()));
  }

  /** Ends the run soon, because a guarantee was broken. */
  void broken(String guarantee, String observation) {
    broken = new Broken(guarantee, observation);
  }

  /** Runs a check outside of what can end a run; what it finds ends that soon. */
  private void checked(Runnable check) {
    try {
      check.run();
    } catch (Broken e) {
      broken = e;
    }
  }

  private AsyncLoader<String, String> untagged(SimulatedProcess process) {
    return key -> {
      loads++;
      note(process.host() + " loads " + key);
      if (areCounted(key)) {
        Duration elapsed = Duration.ofNanos(scheduler.elapsedNanos());
        checked(() -> budget.loaded(key, process.shape(), elapsed));
      }
      if (hung.nextHangs() || (faults && scheduler.chance(0.03))) {
        return new CompletableFuture<>();
      }
      boolean fails = faults && scheduler.chance(0.05);
      CompletableFuture<String> read =
          later(process, Duration.ofMillis(30), () -> fails ? "" : readSource(key));
      return read.thenCompose(
          value ->
              value.isEmpty()
                  ? CompletableFuture.failedFuture(new SourceException())
                  : later(process, loadTime(), () -> value.equals("absent") ? null : value));
    };
  }

  /**
   * Returns whether the loads of a key are bounded: nothing goes wrong but a node that the key is
   * not on, and no two shapes replace each other's values, as they do where loaders name tags.
   */
  private boolean areCounted(String key) {
    boolean taggedByLoader = features.tags() && key.equals("b");
    return features.calm()
        && !features.hangs()
        && (sick == null || !sick.has(key))
        && !(features.shapes() && taggedByLoader);
  }

  private Duration loadTime() {
    return faults && scheduler.chance(0.05) ? Duration.ofSeconds(4) : Duration.ofMillis(600);
  }

  private String readSource(String key) {
    long lagNanos = lagging ? scheduler.upTo(SOURCE_LAG).toNanos() : 0;
    int version = oracle.committedAt(key, scheduler.nowNanos() - lagNanos);
    note("source read " + key + ":" + version);
    return version == 0 ? "absent" : key + ":" + version;
  }

  private <T> CompletableFuture<T> later(
      SimulatedProcess process, Duration within, Supplier<T> supplier) {
    CompletableFuture<T> result = new CompletableFuture<>();
    scheduler.after(process.host(), scheduler.upTo(within), () -> result.complete(supplier.get()));
    return result;
  }

  private static final class SourceException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  // ---- Faults -----------------------------------------------------------------------------------

  /** Notes a fault and lets it happen. */
  void noted(String what, Runnable fault) {
    note("! " + what);
    fault.run();
  }

  List<SimulatedProcess> processes() {
    return processes;
  }

  /** Returns whether a read that begins now ends with a near value. */
  boolean readsNear(SimulatedProcess process, String key) {
    long before = process.cache.stats().nearHits();
    pending++;
    get(process, key, DEFAULTS);
    return process.cache.stats().nearHits() > before;
  }

  SimulatedProcess anyProcess() {
    return processes.get(scheduler.random().nextInt(processes.size()));
  }

  String anyKey() {
    return KEYS.get(scheduler.random().nextInt(KEYS.size()));
  }

  // ---- Oracle -----------------------------------------------------------------------------------

  <T> void track(
      SimulatedProcess process,
      String what,
      CompletionStage<T> stage,
      BiConsumer<? super @Nullable T, @Nullable Throwable> verdict) {
    note("> " + what);
    if (!process.begin()) {
      ended();
      return;
    }
    stage.whenComplete(
        (value, failure) -> {
          if (!process.end()) {
            return;
          }
          Throwable cause = failure == null ? null : unwrap(failure);
          note("< " + what + " = " + (cause == null ? value : cause));
          if (!process.isClosed() || !isRefusal(cause)) {
            checked(() -> verdict.accept(value, cause));
          }
          checked(this::checkNeighbours);
          ended();
        });
  }

  /** Returns whether an operation failed because its cache is closed. */
  private static boolean isRefusal(@Nullable Throwable failure) {
    Throwable reason =
        failure instanceof BulkLoadException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return reason instanceof IllegalStateException;
  }

  /** A failed invalidation counts for the process that made it (G5). */
  BiConsumer<@Nullable Object, @Nullable Throwable> raising(
      SimulatedProcess process, String what, String key, int version) {
    return raising(process, what, key, version, true);
  }

  private BiConsumer<@Nullable Object, @Nullable Throwable> raising(
      SimulatedProcess process, String what, String key, int version, boolean waited) {
    return (done, failure) -> {
      if (failure == null) {
        oracle.invalidated(process.host(), key, version, scheduler.nowNanos(), waited);
      } else {
        oracle.invalidationFailed(process.host(), key, version, scheduler.nowNanos());
        checkWriteFailure(what, failure);
        readWithin(Duration.ofMillis(1), process, key);
        lookupSoon(process, key);
      }
      readAfterwards(key);
    };
  }

  private void lookupSoon(SimulatedProcess process, String key) {
    pending++;
    scheduler.after(
        "world", scheduler.upTo(Duration.ofMillis(5)), () -> further.lookup(process.open(), key));
  }

  /** Lets reads meet an invalidation: one that loads here, others anywhere. */
  private void readMeanwhile(SimulatedProcess process, String key) {
    if (scheduler.chance(0.3)) {
      pending++;
      get(process, key, FORCED);
    }
    for (SimulatedProcess other : processes) {
      if (scheduler.chance(0.3)) {
        readWithin(Duration.ofMillis(10), other, key);
      }
    }
    if (scheduler.chance(0.3)) {
      readInACrowd(anyProcess(), key);
    }
  }

  /** Lets more reads be under way in a process than are sent one by one, and others follow. */
  void readInACrowd(SimulatedProcess process, String key) {
    for (int i = 0; i < CROWD; i++) {
      readWithin(Duration.ofMillis(scheduler.chance(0.5) ? 1 : 10), process, key);
    }
  }

  /** Lets processes read what was invalidated: at once, or when near values must be up to date. */
  private void readAfterwards(String key) {
    for (SimulatedProcess process : processes) {
      if (scheduler.chance(0.4)) {
        boolean atOnce = scheduler.chance(0.5);
        Duration delay = atOnce ? Duration.ofMillis(1) : features.maxStaleness().multipliedBy(2);
        readWithin(delay, process, key);
      }
    }
  }

  void changeWithin(Duration delay, String key) {
    pending++;
    scheduler.after("world", scheduler.upTo(delay), () -> writeAndInvalidate(anyProcess(), key));
  }

  /** Lets a process read a key, unless there were so many of these reads that it leads nowhere. */
  void readWithin(Duration delay, SimulatedProcess process, String key) {
    furtherWithin(delay, () -> get(process.open(), key));
  }

  /** Lets a process read a key as most callers do. */
  void readByDefaultWithin(Duration delay, SimulatedProcess process, String key) {
    furtherWithin(delay, () -> get(process.open(), key, DEFAULTS));
  }

  private void furtherWithin(Duration delay, Runnable read) {
    if (furtherReads++ < MAX_FURTHER_READS) {
      pending++;
      scheduler.after("world", scheduler.upTo(delay), read);
    }
  }

  private Oracle.Least leastOf(SimulatedProcess process, String key, boolean asksTheStore) {
    return asksTheStore || !features.near()
        ? oracle.leastOf(process.host(), key, scheduler.nowNanos())
        : oracle.leastNearOf(
            process.host(),
            key,
            scheduler.nowNanos() - features.maxStaleness().toNanos(),
            scheduler.nowNanos());
  }

  void check(
      String what, String key, @Nullable String value, IntFunction<@Nullable String> oracle) {
    if (value != null && !value.startsWith(key + ":")) {
      throw new Broken("G8", what + " returned " + value);
    }
    int version = value == null ? 0 : version(value);
    String guarantee = oracle.apply(version);
    if (guarantee != null) {
      throw new Broken(guarantee, what + " returned " + value);
    }
    if (version > committed.getOrDefault(key, 0)) {
      throw new Broken("G8", what + " returned " + value + " from the future");
    }
  }

  void checkReadFailure(String what, Throwable failure) {
    checkReadFailure(what, failure, false);
  }

  /**
   * Checks the failure of a read.
   *
   * @param mayTimeOut whether it may have waited until its load timeout
   */
  private void checkReadFailure(String what, Throwable failure, boolean mayTimeOut) {
    if (!faults && !mayTimeOut) {
      throw new Broken("G4", what + " failed without a fault: " + failure);
    }
    if (failure instanceof StoreException) {
      throw new Broken("G5", what + " failed with " + failure);
    }
  }

  void checkWriteFailure(String what, @Nullable Throwable failure) {
    if (failure != null
        && !(failure instanceof StoreException)
        && !(failure instanceof InvalidationFailedException)
        && !(failure instanceof InjectedError)) {
      throw new Broken("G5", what + " failed with " + failure);
    }
  }

  private void checkNeighbours() {
    if (cluster.hasRemoved(SimulatedProcess.NEIGHBOUR + ":")) {
      throw new Broken("G8", "an entry of another cache was removed");
    }
  }

  private static int version(String value) {
    return Integer.parseInt(value.substring(value.indexOf(':') + 1));
  }

  private static Throwable unwrap(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  // ---- What happened ----------------------------------------------------------------------------

  private record Event(long nanos, String what) {
    @Override
    public String toString() {
      return String.format("%12.3f ms  %s", nanos / 1e6, what);
    }
  }

  private void note(String event) {
    timeline.add(new Event(scheduler.elapsedNanos(), event));
  }

  /** Returns what has happened so far, one event a line. */
  String timeline() {
    return timeline.stream().map(Event::toString).collect(Collectors.joining("\n"));
  }

  /** Ends a run in which a guarantee was broken. */
  static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String guarantee;
    private final String observation;

    Broken(String guarantee, String observation) {
      super(guarantee + ": " + observation);
      this.guarantee = guarantee;
      this.observation = observation;
    }

    Run.Violation violation(String timeline) {
      return new Run.Violation(guarantee, observation, timeline);
    }
  }
}
