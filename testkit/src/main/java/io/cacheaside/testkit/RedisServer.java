package io.cacheaside.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis or Valkey server: a child process on a free loopback port with a temp folder of its
 * own.
 *
 * <pre>{@code
 * try (RedisServer server = RedisServer.start()) {
 *   RedisStore store = RedisStore.connect(server.uri());
 *   ...
 *   server.freeze();
 *   ...
 *   assertThat(server.commandCalls("get")).isEqualTo(1);
 * }
 * }</pre>
 *
 * <p><b>Life.</b> A server that was started answers commands. It ends with {@link #close()}, and at
 * the latest with the JVM, also when the JVM is killed by SIGKILL; its folder goes with it. It can
 * end before, by {@link #stop()}, {@link #kill()} or a crash ({@link #onExit()} tells), and run
 * again on the same ports with {@link #restart()}. Data survive that only if {@link
 * Builder#config(String...) configured}, for instance with {@code appendonly yes}.
 *
 * <p><b>Commands of the test</b> ({@link #command(String...)}) travel over connections of their own
 * as a user of their own, {@code testkit}, who may do everything. They work whatever password and
 * ACL the server has, and whatever happened to the connections of the code under test.
 *
 * <p><b>Defaults</b>, where they differ from the server's: loopback only, no persistence, {@code
 * DEBUG} allowed, replicas in step from their start, shutting down does not wait for replicas.
 *
 * <p>Thread-safe. Every method blocks until what it says has happened, and fails with an {@link
 * IllegalStateException} when it does not happen within a bounded time or the caller is
 * interrupted.
 */
public final class RedisServer implements AutoCloseable {

  static final String HOST = "127.0.0.1";
  static final String CONTROL_USER = "testkit";

  /** One for all servers of this JVM, because replicas use it at whichever node is their master. */
  static final String CONTROL_PASSWORD = UUID.randomUUID().toString();

  static final Duration LIMIT = Duration.ofSeconds(30);

  private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(10);
  private static final int START_ATTEMPTS = 5;
  private static final String PORT_TAKEN = "Failed listening on port";

  private static final Pattern OTHER_SERVER = Pattern.compile(" flags=\\w*[MS]");
  private static final Set<RedisServer> RUNNING = ConcurrentHashMap.newKeySet();

  private static final Pattern COUNTS =
      Pattern.compile("keys=(?<keys>\\d+),expires=(?<expires>\\d+)");
  private static final String IMMORTAL_KEYS =
      """
      local found, cursor = {}, '0'
      repeat
        local page = redis.call('SCAN', cursor, 'COUNT', 1000)
        cursor = page[1]
        for _, key in ipairs(page[2]) do
          if redis.call('PTTL', key) == -1 then found[#found + 1] = key end
        end
      until cursor == '0'
      return found
      """;

  private final ReentrantLock lifecycle = new ReentrantLock();
  private final ServerBinary binary;
  private final @Nullable String password;
  private final int port;
  private final int tlsPort;
  private final Path folder;
  private final ServerProcess process;
  private final boolean sentinel;
  private volatile boolean lasting;
  private volatile boolean shared;
  private volatile boolean closed;

  private RedisServer(Builder settings) {
    binary = settings.binary;
    password = settings.password;
    sentinel = settings.sentinel;
    Path executable = binary.path();
    port = FreePorts.take();
    tlsPort = settings.tls ? FreePorts.take() : 0;
    folder = Guardian.instance().newFolder(binary + "-" + port);
    Path config = writeConfig(settings.lines);
    List<String> command = new ArrayList<>(List.of(executable.toString(), config.toString()));
    if (sentinel) {
      command.add("--sentinel");
    }
    process = new ServerProcess(command, folder);
  }

  private Path writeConfig(List<String> lines) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "bind " + HOST,
                "port " + port,
                "dir " + quoted(folder.toString()),
                "save \"\"",
                "enable-debug-command yes",
                "shutdown-timeout 0",
                "repl-diskless-sync no",
                "rdb-del-sync-files yes",
                "user " + CONTROL_USER + " on >" + CONTROL_PASSWORD + " ~* &* +@all",
                "masteruser " + CONTROL_USER,
                "masterauth " + CONTROL_PASSWORD));
    if (tlsPort != 0) {
      all.add("tls-port " + tlsPort);
    }
    all.addAll(lines);
    try {
      return Files.write(folder.resolve("server.conf"), all);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the configuration into " + folder, e);
    }
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** Starts {@link ServerBinary#BUNDLED} with default settings. */
  public static RedisServer start() {
    return builder().start();
  }

  /** Starts the given program with default settings. */
  public static RedisServer start(ServerBinary binary) {
    return builder().binary(binary).start();
  }

  /** Settings for a server, at first the defaults of {@link #start()}. */
  public static Builder builder() {
    return new Builder();
  }

  /** The address as Redis clients write it, with the password of the default user if it has one. */
  public String uri() {
    return "redis://" + credentials() + HOST + ":" + port;
  }

  /** Like {@link #uri()}, but by way of a proxy in front of this server. */
  public String uri(TcpProxy proxy) {
    return "redis://" + credentials() + proxy.host() + ":" + proxy.port();
  }

  /**
   * Like {@link #uri()}, for the encrypted port.
   *
   * @throws IllegalStateException the server was built without TLS
   */
  public String tlsUri() {
    return "rediss://" + credentials() + HOST + ":" + tlsPort();
  }

  String credentials() {
    return password == null ? "" : ":" + percentEncoded(password) + "@";
  }

  private static String percentEncoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** The loopback address, as a literal. */
  public String host() {
    return HOST;
  }

  /** The port for plain connections. It stays the same over restarts. */
  public int port() {
    return port;
  }

  /**
   * The port for encrypted connections. It stays the same over restarts.
   *
   * @throws IllegalStateException the server was built without TLS
   */
  public int tlsPort() {
    if (tlsPort == 0) {
      throw new IllegalStateException(this + " has no TLS port: build it with tls(certificates)");
    }
    return tlsPort;
  }

  /** The program that runs. */
  public ServerBinary binary() {
    return binary;
  }

  /** The server's own process id; after its end, the one it had last. */
  public long pid() {
    return process.current().pid();
  }

  /** Whether the process exists. A frozen one does. */
  public boolean isRunning() {
    return process.isRunning();
  }

  boolean isReachable() {
    return process.isRunning() && !process.isFrozen();
  }

  /**
   * Completes with the exit code when the process that runs now ends, for whatever reason: 0 after
   * a shutdown, 128 + signal number after a signal, so 137 after {@link #kill()}. A restart begins
   * a new process and a new future.
   */
  public CompletableFuture<Integer> onExit() {
    return process.current().onExit().thenApply(Process::exitValue);
  }

  /**
   * Shuts the server down by SIGTERM. A frozen server is thawed first; an ended one stays ended.
   */
  public void stop() {
    locked(process::stop);
  }

  /** Ends the server by SIGKILL, frozen or not. An ended one stays ended. */
  public void kill() {
    locked(process::kill);
  }

  /**
   * Stops the server's execution by SIGSTOP: connections stay open, new ones are accepted by the
   * operating system, and nothing is answered until {@link #thaw()}.
   */
  public void freeze() {
    locked(process::freeze);
  }

  /** Lets a frozen server go on by SIGCONT; it then answers what it was sent meanwhile. */
  public void thaw() {
    locked(process::thaw);
  }

  /** Shuts the server down if it runs, starts it again on the same ports, and waits for it. */
  public void restart() {
    locked(
        () -> {
          process.stop();
          launch();
        });
  }

  private void locked(Runnable action) {
    lifecycle.lock();
    try {
      if (closed) {
        throw new IllegalStateException(this + " is closed");
      }
      action.run();
    } finally {
      lifecycle.unlock();
    }
  }

  private void launch() {
    process.start();
    RUNNING.add(this);
    Await.until(LIMIT, () -> this + " does not answer PING. " + log(), this::answersPing);
  }

  private boolean answersPing() {
    if (!process.isRunning()) {
      throw new IllegalStateException(this + " ended at once. " + log());
    }
    return "PONG".equals(command("PING"));
  }

  private String log() {
    return "Its log ends with:\n" + process.logTail();
  }

  /**
   * Sends one command as the test's own user, over a new connection.
   *
   * <p>Texts are UTF-8. The connection ends with the reply, so commands that change its state, such
   * as {@code MULTI}, have no effect on the next.
   *
   * @return a {@code String}, a {@code Long}, {@code null}, or a {@code List} of these, in which an
   *     error stands as a {@link CommandFailedException}
   * @throws CommandFailedException the server's reply is an error
   * @throws UncheckedIOException no connection, or no reply within 10 s
   */
  public @Nullable Object command(String... command) {
    try (RespClient client = RespClient.connect(HOST, port, COMMAND_TIMEOUT)) {
      client.call("AUTH", CONTROL_USER, CONTROL_PASSWORD);
      return client.call(command);
    } catch (IOException e) {
      throw new UncheckedIOException(this + ": " + command[0] + " failed", e);
    }
  }

  /** What {@code INFO section} says, field by field; errors as in {@link #command(String...)}. */
  public Map<String, String> info(String section) {
    return String.valueOf(command("INFO", section))
        .lines()
        .filter(line -> line.indexOf(':') > 0)
        .map(line -> line.split(":", 2))
        .collect(Collectors.toMap(field -> field[0], field -> field[1]));
  }

  /**
   * How often a command was executed since the server started or {@code CONFIG RESETSTAT}, by
   * anyone: clients, scripts, a master. The test's own commands count too, and with each comes an
   * {@code AUTH}.
   *
   * @param name such as {@code get}, or {@code client|kill} for a subcommand; case does not matter
   */
  public long commandCalls(String name) {
    String stats = info("commandstats").get("cmdstat_" + name.toLowerCase(Locale.ROOT));
    Matcher calls = Pattern.compile("calls=(\\d+)").matcher(stats == null ? "calls=0" : stats);
    return calls.find() ? Long.parseLong(calls.group(1)) : 0;
  }

  /**
   * Waits until {@code replica} has all that was written to this server, its master, before the
   * call. ({@code WAIT} does not do that here: it is about the writes of its own connection.)
   */
  public void awaitReplicationTo(RedisServer replica) {
    long written = Long.parseLong(info("replication").getOrDefault("master_repl_offset", "0"));
    Await.until(
        LIMIT,
        () -> replica + " is not in step with " + this + ". " + replica.log(),
        () -> hasReplicated(replica, written));
  }

  private boolean hasReplicated(RedisServer replica, long offset) {
    Map<String, String> applied = replica.info("replication");
    return "up".equals(applied.get("master_link_status"))
        && Objects.equals(info("replication").get("master_replid"), applied.get("master_replid"))
        && Long.parseLong(applied.getOrDefault("slave_repl_offset", "-1")) >= offset;
  }

  /** The servers of this JVM that were started and not closed, also those that have ended. */
  static Stream<RedisServer> running() {
    return RUNNING.stream();
  }

  /** From now on, tests are not blamed for leaving it behind. */
  void outliveTests() {
    lasting = true;
  }

  /** From now on, they are not blamed for leaving connections to it behind either. */
  void share() {
    lasting = true;
    shared = true;
  }

  boolean lastsAs(long pid) {
    return lasting && pid() == pid;
  }

  boolean lastsIn(Path folder) {
    return lasting && this.folder.equals(folder);
  }

  /** Makes it as good as new: running, thawed, and without data. */
  void reset() {
    thaw();
    if (!isRunning()) {
      restart();
    }
    command("FLUSHALL");
  }

  /** The connections of clients that tests close; not those of other servers and the testkit. */
  Stream<String> clients() {
    if (shared) {
      return Stream.empty();
    }
    return String.valueOf(command("CLIENT", "LIST"))
        .lines()
        .filter(line -> !line.contains(" user=" + CONTROL_USER + " "))
        .filter(line -> !OTHER_SERVER.matcher(line).find())
        .map(line -> "connection " + line.replaceFirst("^id=(\\d+) addr=(\\S+) .*", "$1 from $2"));
  }

  /** Whether all tests of the JVM may use it at the same time. */
  boolean isShared() {
    return shared;
  }

  /** The keys of database 0 that never expire. */
  Stream<String> immortalKeys() {
    if (sentinel || allKeysExpire()) {
      return Stream.empty();
    }
    List<?> keys = (List<?>) Objects.requireNonNull(command("EVAL", IMMORTAL_KEYS, "0"));
    return keys.stream().map(key -> "key " + key + " without a TTL");
  }

  /** Answers from the server's counts, without a look at each key. */
  private boolean allKeysExpire() {
    Matcher counts = COUNTS.matcher(info("keyspace").getOrDefault("db0", ""));
    return !counts.find() || counts.group("keys").equals(counts.group("expires"));
  }

  /** Ends the server by SIGKILL if it runs and removes its folder. Idempotent. */
  @Override
  public void close() {
    lifecycle.lock();
    try {
      if (!closed) {
        closed = true;
        discard();
      }
    } finally {
      lifecycle.unlock();
    }
  }

  private void discard() {
    RUNNING.remove(this);
    if (process.isRunning()) {
      process.kill();
    }
    Guardian.delete(folder);
    FreePorts.release(port);
    FreePorts.release(tlsPort);
  }

  /** Program and address; no secrets. */
  @Override
  public String toString() {
    return binary + " at " + HOST + ":" + port;
  }

  /** Settings of a server to be started. Not thread-safe; can start any number of servers. */
  public static final class Builder {

    private final List<String> lines = new ArrayList<>();
    private ServerBinary binary = ServerBinary.BUNDLED;
    private @Nullable String password;
    private boolean tls;
    private @Nullable RedisServer master;
    private boolean sentinel;

    private Builder() {}

    /** The program to run; default {@link ServerBinary#BUNDLED}. */
    public Builder binary(ServerBinary binary) {
      this.binary = binary;
      return this;
    }

    /** The default user's password, part of {@link RedisServer#uri()} then. Default: none. */
    public Builder password(String password) {
      this.password = password;
      return config("requirepass " + quoted(password));
    }

    /**
     * Adds an ACL user that is switched on.
     *
     * @param rules ACL rules such as {@code ~cache:*}, {@code +get}, {@code &*}
     * @see <a href="https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/">
     *     ACL rules</a>
     */
    public Builder user(String name, String password, String... rules) {
      return config(
          "user " + name + " on " + quoted(">" + password) + " " + String.join(" ", rules));
    }

    /** Opens a second port that speaks TLS and asks clients for no certificate. */
    public Builder tls(TestCertificates certificates) {
      return tls(certificates, "no");
    }

    /** Opens a second port that speaks TLS and demands a client certificate of the same CA. */
    public Builder mutualTls(TestCertificates certificates) {
      return tls(certificates, "yes");
    }

    private Builder tls(TestCertificates certificates, String authenticateClients) {
      tls = true;
      return config(
          "tls-ca-cert-file " + quoted(certificates.authority().toString()),
          "tls-cert-file " + quoted(certificates.serverCertificate().toString()),
          "tls-key-file " + quoted(certificates.serverKey().toString()),
          "tls-auth-clients " + authenticateClients);
    }

    /**
     * Limits the memory for data.
     *
     * @param policy what to evict beyond it, such as {@code noeviction} or {@code allkeys-lru}
     */
    public Builder maxMemory(long bytes, String policy) {
      return config("maxmemory " + bytes, "maxmemory-policy " + policy);
    }

    /** Makes it a replica; its start waits until it is in step with {@code master}. */
    public Builder replicaOf(RedisServer master) {
      this.master = master;
      return config("replicaof " + HOST + " " + master.port());
    }

    /** Makes it a node of a cluster that is yet to be formed; see {@link RedisCluster}. */
    public Builder clusterEnabled() {
      return config("cluster-enabled yes", "cluster-config-file nodes.conf");
    }

    Builder sentinel() {
      sentinel = true;
      return this;
    }

    /**
     * Adds lines to the configuration file; where the server knows a line already, the last counts.
     */
    public Builder config(String... lines) {
      this.lines.addAll(List.of(lines));
      return this;
    }

    /**
     * Starts a server and waits until it answers.
     *
     * @throws IllegalStateException the program is missing, or ended at once, for instance because
     *     of a wrong setting; the message then has the end of its log
     */
    public RedisServer start() {
      for (int attempt = 1; true; attempt++) {
        RedisServer server = new RedisServer(this);
        try {
          server.launch();
          if (master != null) {
            master.awaitReplicationTo(server);
          }
          return server;
        } catch (Throwable e) {
          boolean portTaken = server.process.logTail().contains(PORT_TAKEN);
          server.close();
          if (!portTaken || attempt == START_ATTEMPTS) {
            throw e;
          }
        }
      }
    }
  }
}
