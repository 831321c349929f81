package io.cacheaside.verification.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A server that speaks the protocol of Redis and answers what a test says, for what a real one does
 * not.
 */
final class ScriptedServer implements AutoCloseable {
  /** The answer of a Redis that is new enough. */
  static final String HELLO = hello("redis", "7.0.15", "standalone", "master");

  private final ServerSocket listener;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final Queue<List<String>> received = new ConcurrentLinkedQueue<>();
  private volatile Function<List<String>, @Nullable String> script;

  /** Starts a server; a script that answers null leaves the client without an answer. */
  ScriptedServer(Function<List<String>, @Nullable String> script) throws IOException {
    this.script = script;
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  static String hello(String server, String version, String mode, String role) {
    return "%4\r\n"
        + simple("server")
        + simple(server)
        + simple("version")
        + simple(version)
        + simple("mode")
        + simple(mode)
        + simple("role")
        + simple(role);
  }

  private static String simple(String text) {
    return "+" + text + "\r\n";
  }

  String uri() {
    return "redis://localhost:" + listener.getLocalPort();
  }

  List<List<String>> received() {
    return List.copyOf(received);
  }

  void answer(Function<List<String>, @Nullable String> script) {
    this.script = script;
  }

  private void accept() {
    try {
      while (true) {
        Socket connection = listener.accept();
        connections.add(connection);
        start(() -> serve(connection));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      InputStream in = new BufferedInputStream(connection.getInputStream());
      while (true) {
        List<String> command = readCommand(in);
        received.add(command);
        String answer = script.apply(command);
        if (answer != null) {
          connection.getOutputStream().write(answer.getBytes(UTF_8));
        }
      }
    } catch (IOException e) {
      // the client or the test has gone
    }
  }

  private static List<String> readCommand(InputStream in) throws IOException {
    int arguments = Integer.parseInt(readLine(in).substring(1));
    List<String> command = new ArrayList<>();
    for (int i = 0; i < arguments; i++) {
      int length = Integer.parseInt(readLine(in).substring(1));
      command.add(new String(in.readNBytes(length), UTF_8));
      readLine(in);
    }
    command.set(0, command.get(0).toUpperCase(Locale.ROOT));
    return command;
  }

  private static String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new IOException("end of stream");
      }
      line.append((char) next);
    }
    return line.toString().strip();
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "scripted-server");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket connection : connections) {
      connection.close();
    }
  }
}
