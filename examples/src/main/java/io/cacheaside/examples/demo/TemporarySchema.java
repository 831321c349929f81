package io.cacheaside.examples.demo;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** A schema that exists until this is closed, in the user's PostgreSQL or in an H2 of its own. */
final class TemporarySchema implements AutoCloseable {
  private final Database database;
  private final @Nullable OwnH2 ownServer;

  private TemporarySchema(Database database, @Nullable OwnH2 ownServer) {
    this.database = database;
    this.ownServer = ownServer;
  }

  /**
   * Creates the schema.
   *
   * @param userUrl the JDBC URL of the user's PostgreSQL; null for H2
   */
  static TemporarySchema create(@Nullable String userUrl, String name)
      throws IOException, SQLException {
    if (userUrl == null) {
      OwnH2 own = OwnH2.start();
      return create(new Database(own.url(), name), own);
    }
    if (!userUrl.startsWith("jdbc:postgresql:")) {
      throw new IllegalArgumentException(
          "DATABASE_URL has to be like jdbc:postgresql://host:5432/database?user=me&password=...");
    }
    return create(new Database(userUrl, name), null);
  }

  private static TemporarySchema create(Database database, @Nullable OwnH2 own)
      throws SQLException {
    TemporarySchema schema = new TemporarySchema(database, own);
    schema.execute("CREATE SCHEMA " + database.schema());
    return schema;
  }

  Database database() {
    return database;
  }

  /** Removes the schema with everything in it. */
  @Override
  public void close() throws IOException, SQLException {
    database.close();
    if (ownServer == null) {
      execute("DROP SCHEMA " + database.schema() + " CASCADE");
    } else {
      ownServer.close();
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(database.url());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Says where it is; shows no password. */
  @Override
  public String toString() {
    String owner = ownServer == null ? "yours, schema " + database.schema() : "in temporary files";
    return database.product() + ", " + owner;
  }
}
