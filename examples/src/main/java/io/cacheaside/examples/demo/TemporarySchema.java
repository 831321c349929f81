package io.cacheaside.examples.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A schema that exists until this is closed: in H2, in files of its own, or in the user's
 * PostgreSQL.
 */
final class TemporarySchema implements AutoCloseable {
  /** Lower case and a second process: as PostgreSQL has it. */
  private static final String H2_URL =
      "jdbc:h2:file:%s/demo;DATABASE_TO_LOWER=TRUE;AUTO_SERVER=TRUE";

  private final Database database;
  private final @Nullable Path folder;

  private TemporarySchema(Database database, @Nullable Path folder) {
    this.database = database;
    this.folder = folder;
  }

  /**
   * Creates the schema.
   *
   * @param userUrl the JDBC URL of the user's PostgreSQL; null for H2
   */
  static TemporarySchema create(@Nullable String userUrl, String name)
      throws IOException, SQLException {
    Path folder = null;
    String url = userUrl;
    if (url == null) {
      // For the second JVM H2 opens a port: on the loopback interface only.
      System.setProperty("h2.bindAddress", "127.0.0.1");
      folder = Files.createTempDirectory("cache-aside-demo-");
      url = H2_URL.formatted(folder);
    } else if (!url.startsWith("jdbc:postgresql:")) {
      throw new IllegalArgumentException(
          "DATABASE_URL has to be like jdbc:postgresql://host:5432/database?user=me&password=...");
    }
    TemporarySchema schema = new TemporarySchema(new Database(url, name), folder);
    schema.execute("CREATE SCHEMA " + name);
    return schema;
  }

  Database database() {
    return database;
  }

  /** Removes the schema with everything in it. */
  @Override
  public void close() throws IOException, SQLException {
    database.close();
    if (folder == null) {
      execute("DROP SCHEMA " + database.schema() + " CASCADE");
    } else {
      delete(folder);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(database.url());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> found = Files.walk(folder)) {
      List<Path> insideOut = found.sorted(Comparator.reverseOrder()).toList();
      for (Path path : insideOut) {
        Files.deleteIfExists(path);
      }
    }
  }

  /** Says what it is in; shows no password. */
  @Override
  public String toString() {
    String where = folder == null ? " (yours), schema " + database.schema() : " in temporary files";
    return database.product() + where;
  }
}
