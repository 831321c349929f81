package io.cacheaside.examples.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.h2.tools.Server;

/**
 * An H2 database in temporary files, served on a loopback port so that a second process can use it.
 */
final class OwnH2 implements AutoCloseable {
  /** With names in lower case, as PostgreSQL has them; closed by us and by nobody else. */
  private static final String URL =
      "jdbc:h2:tcp://127.0.0.1:%d/./demo;USER=demo;PASSWORD=%s"
          + ";DATABASE_TO_LOWER=TRUE;DB_CLOSE_ON_EXIT=FALSE";

  private final Path folder;
  private final Server server;
  private final String password = UUID.randomUUID().toString();

  private OwnH2(Path folder, Server server) {
    this.folder = folder;
    this.server = server;
  }

  static OwnH2 start() throws IOException, SQLException {
    System.setProperty("h2.bindAddress", "127.0.0.1");
    Path folder = Files.createTempDirectory("cache-aside-demo-");
    Server server =
        Server.createTcpServer("-tcpPort", "0", "-baseDir", folder.toString(), "-ifNotExists");
    return new OwnH2(folder, server.start());
  }

  /** Returns the JDBC URL, with the password. */
  String url() {
    return URL.formatted(server.getPort(), password);
  }

  /** Ends the server, which closes the database, and deletes the files. */
  @Override
  public void close() throws IOException {
    server.stop();
    try (Stream<Path> found = Files.walk(folder)) {
      List<Path> insideOut = found.sorted(Comparator.reverseOrder()).toList();
      for (Path path : insideOut) {
        Files.deleteIfExists(path);
      }
    }
  }
}
