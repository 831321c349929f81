package io.cacheaside.examples.demo;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One schema of an SQL database, reached over a few connections, and a count of the queries sent.
 *
 * <p>Thread-safe. Methods block; they throw {@link IllegalStateException} if the database fails or
 * the thread is interrupted while it waits for a connection.
 */
final class Database implements AutoCloseable {
  private static final int MAX_CONNECTIONS = 16;

  private final String url;
  private final String schema;
  private final Semaphore permits = new Semaphore(MAX_CONNECTIONS);
  private final Queue<Connection> idle = new ConcurrentLinkedQueue<>();
  private final AtomicLong queries = new AtomicLong();

  /** Reads one row of a result. */
  @FunctionalInterface
  interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  @FunctionalInterface
  private interface Work<T> {
    T with(Connection connection) throws SQLException;
  }

  /** Connects to nothing yet: connections are opened when they are needed. */
  Database(String url, String schema) {
    this.url = url;
    this.schema = schema;
  }

  String url() {
    return url;
  }

  String schema() {
    return schema;
  }

  /** Sends a query and counts it. */
  <T> List<T> query(String sql, RowReader<T> reader, Object... parameters) {
    return run(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, parameters);
            queries.incrementAndGet();
            return readAll(statement.executeQuery(), reader);
          }
        });
  }

  private static <T> List<T> readAll(ResultSet rows, RowReader<T> reader) throws SQLException {
    List<T> result = new ArrayList<>();
    while (rows.next()) {
      result.add(reader.read(rows));
    }
    return result;
  }

  /** Changes rows and returns how many; it is committed when this returns. */
  int update(String sql, Object... parameters) {
    return run(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, parameters);
            return statement.executeUpdate();
          }
        });
  }

  /** Sends one statement with many sets of parameters. */
  void updateAll(String sql, Collection<Object[]> sets) {
    run(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (Object[] parameters : sets) {
              bind(statement, parameters);
              statement.addBatch();
            }
            return statement.executeBatch();
          }
        });
  }

  private static void bind(PreparedStatement statement, Object... parameters) throws SQLException {
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
  }

  /** Returns how many queries were sent since this was made. */
  long queries() {
    return queries.get();
  }

  /** Returns name and version of the database. */
  String product() {
    return run(
        connection ->
            connection.getMetaData().getDatabaseProductName()
                + " "
                + connection.getMetaData().getDatabaseProductVersion());
  }

  private <T> T run(Work<T> work) {
    acquirePermit();
    try {
      Connection connection = takeConnection();
      T result = closingOnFailure(connection, work);
      idle.add(connection);
      return result;
    } catch (SQLException e) {
      throw new IllegalStateException("the database failed: " + e.getMessage(), e);
    } finally {
      permits.release();
    }
  }

  private void acquirePermit() {
    try {
      permits.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a database connection", e);
    }
  }

  private Connection takeConnection() throws SQLException {
    Connection pooled = idle.poll();
    return pooled == null
        ? closingOnFailure(DriverManager.getConnection(url), this::enter)
        : pooled;
  }

  private Connection enter(Connection connection) throws SQLException {
    connection.setSchema(schema);
    return connection;
  }

  private static <T> T closingOnFailure(Connection connection, Work<T> work) throws SQLException {
    try {
      return work.with(connection);
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** Closes the connections; nothing may be under way. */
  @Override
  public void close() {
    for (Connection connection = idle.poll(); connection != null; connection = idle.poll()) {
      try {
        connection.close();
      } catch (SQLException e) {
        throw new IllegalStateException("a connection could not be closed", e);
      }
    }
  }
}
