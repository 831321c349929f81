package io.cacheaside.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One blocking connection that speaks RESP2, the Redis serialization protocol.
 *
 * <p>For a test's own commands, so that they do not go through the client library under test. Texts
 * are UTF-8. Not thread-safe. After any exception but {@link CommandFailedException} the connection
 * is unusable.
 *
 * @see <a href="https://redis.io/docs/latest/develop/reference/protocol-spec/">RESP</a>
 */
final class RespClient implements AutoCloseable {

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  RespClient(Socket connected) throws IOException {
    socket = connected;
    in = new DataInputStream(new BufferedInputStream(connected.getInputStream()));
    out = connected.getOutputStream();
  }

  /** Connects; {@code timeout} holds for connecting and for each read. */
  static RespClient connect(String host, int port, Duration timeout) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) timeout.toMillis());
      socket.connect(new InetSocketAddress(host, port), (int) timeout.toMillis());
      return new RespClient(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Sends one command and waits for its reply.
   *
   * @return a {@code String}, a {@code Long}, {@code null}, or a {@code List} of these, in which an
   *     error stands as a {@link CommandFailedException}
   * @throws CommandFailedException the reply is an error
   */
  @Nullable Object call(String... command) throws IOException {
    out.write(encode(command));
    out.flush();
    Object reply = read();
    if (reply instanceof CommandFailedException error) {
      throw error;
    }
    return reply;
  }

  private static byte[] encode(String... command) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(utf8("*" + command.length + "\r\n"));
    for (String argument : command) {
      byte[] text = utf8(argument);
      bytes.writeBytes(utf8("$" + text.length + "\r\n"));
      bytes.writeBytes(text);
      bytes.writeBytes(utf8("\r\n"));
    }
    return bytes.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private @Nullable Object read() throws IOException {
    char type = (char) in.readByte();
    String line = readLine();
    return switch (type) {
      case '+' -> line;
      case '-' -> new CommandFailedException(line);
      case ':' -> Long.valueOf(line);
      case '$' -> readText(Integer.parseInt(line));
      case '*' -> readList(Integer.parseInt(line));
      default -> throw new ProtocolException("not a RESP2 reply: " + type + line);
    };
  }

  private String readLine() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\r'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the server closed the connection");
      }
      bytes.write(b);
    }
    in.skipNBytes(1);
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private @Nullable String readText(int length) throws IOException {
    if (length < 0) {
      return null;
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    in.skipNBytes(2);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private @Nullable List<@Nullable Object> readList(int size) throws IOException {
    if (size < 0) {
      return null;
    }
    List<@Nullable Object> list = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      list.add(read());
    }
    return list;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
