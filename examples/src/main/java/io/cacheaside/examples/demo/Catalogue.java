package io.cacheaside.examples.demo;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The source of truth: the products of a shop, with their reviews, in plain SQL. Nothing in here
 * knows that there is a cache.
 */
final class Catalogue {
  private static final List<String> KINDS = List.of("book", "game", "tool", "toy");
  private static final int PRODUCTS_PER_KIND = 500;
  private static final int REVIEWS_PER_PRODUCT = 5;
  private static final int MAX_STARS = 5;

  private static final String FIND =
      """
      SELECT p.sku, p.name, p.price_cents, COUNT(r.stars), AVG(r.stars)
      FROM product p JOIN review r ON r.sku = p.sku
      WHERE r.sku IN (%s)
      GROUP BY p.sku, p.name, p.price_cents
      """;

  private static final String AGREEING =
      """
      SELECT COUNT(*)
      FROM review a JOIN review b ON a.stars = b.stars AND a.sku <> b.sku
      WHERE a.sku < 'book-0050'
      """;

  private final Database database;

  Catalogue(Database database) {
    this.database = database;
  }

  /**
   * Creates the tables and a few thousand rows, the same each time.
   *
   * @return how much there is, in words
   */
  String create() {
    database.update(
        "CREATE TABLE product (sku VARCHAR(20) PRIMARY KEY, name VARCHAR(80), price_cents BIGINT)");
    database.update("CREATE TABLE review (sku VARCHAR(20), stars INTEGER)");
    database.update("CREATE TABLE load_log (process_id BIGINT)");
    List<Object[]> products = new ArrayList<>();
    List<Object[]> reviews = new ArrayList<>();
    for (String kind : KINDS) {
      for (String sku : skus(kind, PRODUCTS_PER_KIND)) {
        int number = products.size();
        products.add(new Object[] {sku, "The " + kind + " no. " + number, 500L + number});
        for (int i = 0; i < REVIEWS_PER_PRODUCT; i++) {
          reviews.add(new Object[] {sku, 1 + (number + i * i) % MAX_STARS});
        }
      }
    }
    database.updateAll("INSERT INTO product VALUES (?, ?, ?)", products);
    database.updateAll("INSERT INTO review VALUES (?, ?)", reviews);
    return String.format(Locale.ROOT, "%,d products, %,d reviews", products.size(), reviews.size());
  }

  /** Returns the first keys of a kind: {@code book-0000}, {@code book-0001} and so on. */
  static List<String> skus(String kind, int count) {
    return IntStream.range(0, count).mapToObj(i -> "%s-%04d".formatted(kind, i)).toList();
  }

  /** Returns a product, or null if there is none. One query. */
  @Nullable Product find(String sku) {
    return findAll(Set.of(sku)).get(sku);
  }

  /** Returns the products there are. One query, however many they are. */
  Map<String, Product> findAll(Collection<String> skus) {
    String marks = String.join(", ", Collections.nCopies(skus.size(), "?"));
    return database.query(FIND.formatted(marks), Catalogue::product, skus.toArray()).stream()
        .collect(Collectors.toMap(Product::sku, Function.identity()));
  }

  private static Product product(ResultSet row) throws SQLException {
    return new Product(
        row.getString(1), row.getString(2), row.getLong(3), row.getLong(4), row.getDouble(5));
  }

  /** Returns what a product costs, in cents. One small query. */
  long price(String sku) {
    return database
        .query("SELECT price_cents FROM product WHERE sku = ?", row -> row.getLong(1), sku)
        .get(0);
  }

  /** Changes a price; it is committed when this returns. Returns how many products changed. */
  int setPrice(String sku, long priceCents) {
    return database.update("UPDATE product SET price_cents = ? WHERE sku = ?", priceCents, sku);
  }

  /**
   * Returns how many reviews agree with one of the first fifty books: one slow query. It leaves a
   * row in {@code load_log}, so that the loads of all processes can be counted.
   */
  long agreeingReviews() {
    database.update("INSERT INTO load_log VALUES (?)", ProcessHandle.current().pid());
    return database.query(AGREEING, row -> row.getLong(1)).get(0);
  }

  /** Returns how often the slow query was sent, by all processes together. */
  long loggedLoads() {
    return database.query("SELECT COUNT(*) FROM load_log", row -> row.getLong(1)).get(0);
  }
}
