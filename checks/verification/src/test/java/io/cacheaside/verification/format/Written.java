package io.cacheaside.verification.format;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.ContextLoader;
import io.cacheaside.LoadContext;
import io.cacheaside.ReadOptions;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** What is done with a new cache {@code users}, so that states of all kinds are written. */
enum Written {
  LEASE(users -> users, Written::load),
  LOADED(users -> users, Written::load),
  PUT(users -> users, users -> users.put("42", "Ada")),
  ABSENT(users -> users.absentTtl(Duration.ofSeconds(10)), users -> users.get("42", key -> null)),
  KEPT_LONGER(users -> users.staleIfError(Duration.ofSeconds(30)), users -> users.put("42", "Ada")),
  MARKED(users -> users.staleIfError(Duration.ofSeconds(30)), Written::putAndMark),
  REFRESHED(
      users -> users.staleWhileRevalidate(Duration.ofSeconds(30)),
      users -> {
        putAndMark(users);
        users.get("42", key -> "Ada Lovelace");
      }),
  FAILED(
      users -> users.failureBackoff(Duration.ofSeconds(1), Duration.ofMinutes(1)),
      Written::failToLoad),
  NOT_TO_BE_CACHED(users -> users, users -> load(users, LoadContext::doNotCache)),
  HELD_OFF(users -> users.holdOff(Duration.ofSeconds(5)), users -> users.invalidate("42")),
  HELD_OFF_FOR_A_VERSION(
      users -> users.holdOff(Duration.ofSeconds(5)).version(String::length),
      users -> users.invalidate("42", 7)),
  FENCED(users -> users.fenceTime(Duration.ofMinutes(1)), users -> users.fence("42").lift()),
  TAGGED(Written::tagged, Written::load),
  TAG(Written::tagged, Written::load),
  OF_A_GENERATION(CacheAsideBuilder::instantClear, Written::load),
  TAGGED_BY_ITS_LOADER(
      CacheAsideBuilder::loaderTags, users -> load(users, context -> context.tags("grün")));

  private final UnaryOperator<CacheAsideBuilder<String, String>> settings;
  private final Consumer<CacheAside<String, String>> action;

  Written(
      UnaryOperator<CacheAsideBuilder<String, String>> settings,
      Consumer<CacheAside<String, String>> action) {
    this.settings = settings;
    this.action = action;
  }

  CacheAsideBuilder<String, String> set(CacheAsideBuilder<String, String> users) {
    return settings.apply(users);
  }

  /** Returns whether a put comes before, whose lease has an id that the files do not count. */
  boolean takesALeaseToPut() {
    return this == MARKED || this == REFRESHED;
  }

  void with(CacheAside<String, String> users) {
    action.accept(users);
  }

  private static CacheAsideBuilder<String, String> tagged(CacheAsideBuilder<String, String> users) {
    return users.tags(key -> List.of("red", "blue"));
  }

  private static void load(CacheAside<String, String> users) {
    users.get("42", key -> "Ada");
  }

  private static void load(
      CacheAside<String, String> users, Consumer<LoadContext<String>> decision) {
    ContextLoader<String, String> deciding =
        (key, context) -> {
          decision.accept(context);
          return "Ada";
        };
    users.getWithContext("42", ReadOptions.defaults(), deciding);
  }

  private static void putAndMark(CacheAside<String, String> users) {
    users.put("42", "Ada");
    users.markStale("42");
  }

  private static void failToLoad(CacheAside<String, String> users) {
    try {
      users.get(
          "42",
          key -> {
            throw new IllegalStateException("the source is down");
          });
    } catch (IllegalStateException expected) {
      // what is noted is what is wanted
    }
  }
}
