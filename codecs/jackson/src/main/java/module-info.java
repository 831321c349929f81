/** JSON codec on Jackson 3. */
module io.cacheaside.jackson {
  requires static transitive org.jspecify;
  requires transitive io.cacheaside.core;
  requires transitive tools.jackson.databind;
  requires static java.sql;

  exports io.cacheaside.jackson;
}
