package io.cacheaside.verification.lines;

import io.cacheaside.AsyncCacheAside;
import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.LoadContext;
import io.cacheaside.LoadingCacheAside;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.Store;
import java.io.IOException;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** What the lines have at hand: caches, and sources of data in the forms that applications have. */
abstract class Application {
  CacheAside<String, User> users;
  CacheAside<Long, Team> teams;
  CacheAside<String, List<User>> lists;
  CacheAside<PriceKey, BigDecimal> prices;
  CacheAside<String, Shape> shapes;
  LoadingCacheAside<String, User> loading;
  AsyncCacheAside<String, User> async;
  CacheAsideBuilder<String, User> builder;
  Codec<User> codec;
  Codec<BigDecimal> decimals;
  Store redis;

  Users repository;
  AsyncUsers client;
  SpringUsers spring;
  SpringTeams springTeams;
  Dao dao;
  Jdbc jdbc;
  Transaction transaction;
  Map<String, User> database;
  Function<String, User> function;

  User user;
  User other;
  Team team;
  List<String> ids;

  User load(String id) {
    return repository.find(id);
  }

  User load(String id, LoadContext<User> context) {
    return repository.find(id);
  }

  void log(Object what) {}

  record User(String id, String name) {
    static User guest(String id) {
      return new User(id, "guest");
    }

    User renamed() {
      return new User(id, name + "!");
    }
  }

  record Team(long id, String name) {}

  record PriceKey(String country, String product) {}

  sealed interface Shape {}

  record Circle(int radius) implements Shape {}

  record Square(int side) implements Shape {}

  enum LockMode {
    NONE,
    WRITE
  }

  /** A repository with overloads of every method. */
  interface Users {
    User find(String id);

    User find(String id, LockMode lock);

    Optional<User> findById(String id);

    Optional<User> findById(String id, LockMode lock);

    List<User> findAll();

    User save(User user);

    User save(User user, boolean flush);

    void store(User user);

    void store(User user, boolean flush);

    void flush();

    void flush(boolean all);

    static User fetch(String id) {
      return User.guest(id);
    }
  }

  /** A client that does not block. */
  interface AsyncUsers {
    CompletableFuture<User> find(String id);

    CompletableFuture<User> find(String id, LockMode lock);

    CompletionStage<User> fetch(String id);

    CompletableFuture<Optional<User>> findById(String id);

    CompletableFuture<Map<String, User>> findAll(Set<String> ids);

    CompletableFuture<User> save(User user);

    CompletableFuture<Void> store(User user);
  }

  /** The signatures of {@code CrudRepository}. */
  interface SpringRepository<T, K> {
    Optional<T> findById(K id);

    Iterable<T> findAllById(Iterable<K> ids);

    <S extends T> S save(S entity);

    <S extends T> Iterable<S> saveAll(Iterable<S> entities);

    void deleteById(K id);
  }

  interface SpringUsers extends SpringRepository<User, String> {}

  /** As {@code ListCrudRepository} narrows it. */
  interface SpringTeams extends SpringRepository<Team, Long> {
    @Override
    List<Team> findAllById(Iterable<Long> ids);
  }

  /** Queries for several keys, in the types that they take and return. */
  interface Dao {
    List<User> inList(List<String> ids);

    Collection<User> inCollection(Collection<String> ids);

    Iterable<User> inIterable(Iterable<String> ids);

    Set<User> inSet(Set<String> ids);

    List<User> overloaded(Collection<String> ids);

    List<User> overloaded(Collection<String> ids, LockMode lock);

    List<User> varargs(String... ids);

    Map<String, User> mapped(Collection<String> ids);
  }

  /** Methods that throw checked exceptions. */
  interface Jdbc {
    User read(String id) throws SQLException, IOException;

    Optional<User> query(String id) throws SQLException;

    List<User> queryAll(Collection<String> ids) throws SQLException;

    int update(String sql) throws SQLException;

    void rename(User user) throws SQLException;

    User merge(User user) throws SQLException, IOException;
  }

  interface Transaction {
    void commit();

    void rollback();
  }
}
