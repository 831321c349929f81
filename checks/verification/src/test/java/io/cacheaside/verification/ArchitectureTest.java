package io.cacheaside.verification;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMembers;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.cacheaside.AsyncInvalidations;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.Invalidations;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.Set;

/** Which part of the code may know which other, and what none of it may use. */
@AnalyzeClasses(packages = "io.cacheaside", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String[] CORE = {
    "io.cacheaside",
    "io.cacheaside.codec..",
    "io.cacheaside.config..",
    "io.cacheaside.internal..",
    "io.cacheaside.micrometer..",
    "io.cacheaside.store.."
  };

  private static final String ENGINE = "io.cacheaside.internal";

  /** The rooms of the engine, each above all that it may use. */
  private static final List<String> ROOMS =
      List.of(
          "operation",
          "load",
          "lease",
          "near",
          "invalidate",
          "read",
          "flow",
          "events",
          "entry",
          "threads");

  /** What reads the clock, waits, or is random, and so makes a run of the engine unrepeatable. */
  private static final Set<String> UNREPEATABLE =
      Set.of(
          "java.lang.Math.random",
          "java.lang.System.currentTimeMillis",
          "java.lang.System.nanoTime",
          "java.lang.Thread.sleep",
          "java.time.Clock.system",
          "java.time.Clock.systemDefaultZone",
          "java.time.Clock.systemUTC",
          "java.time.Instant.now",
          "java.time.LocalDateTime.now",
          "java.time.OffsetDateTime.now",
          "java.time.ZonedDateTime.now",
          "java.util.Random.<init>",
          "java.util.UUID.randomUUID",
          "java.util.concurrent.CompletableFuture.completeOnTimeout",
          "java.util.concurrent.CompletableFuture.delayedExecutor",
          "java.util.concurrent.CompletableFuture.orTimeout",
          "java.util.concurrent.ThreadLocalRandom.current");

  @ArchTest
  static final ArchRule CORE_KNOWS_NO_SERVER_AND_NO_FORMAT =
      classes()
          .that()
          .resideInAnyPackage(CORE)
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(CORE)
                  .or(
                      resideInAnyPackage(
                          "java..",
                          "javax.crypto..",
                          "com.github.benmanes.caffeine..",
                          "io.micrometer..",
                          "org.jspecify..",
                          "org.slf4j.."))
                  .as("belong to core, the JDK or one of core's libraries"));

  @ArchTest
  static final ArchRule DOORS_OF_THE_ENGINE_OPEN_DOWNWARDS =
      CompositeArchRule.of(ROOMS.stream().map(ArchitectureTest::usesNothingAbove).toList());

  @ArchTest
  static final ArchRule ROOMS_DO_NOT_KNOW_THE_ENGINE =
      noClasses()
          .that()
          .resideInAnyPackage(rooms())
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ENGINE);

  @ArchTest
  static final ArchRule EVERY_PART_OF_THE_ENGINE_HAS_A_ROOM =
      classes().that().resideInAPackage(ENGINE + ".*..").should().resideInAnyPackage(rooms());

  @ArchTest
  static final ArchRule ONLY_THE_BUILDER_OPENS_THE_ENGINE =
      noClasses()
          .that(
              describe(
                  "are neither of the engine nor its stress tests, nor build or join caches",
                  type ->
                      !isOfTheEngine(type)
                          && !type.getPackageName().startsWith("io.cacheaside.stress")
                          && !isPartOf(type, CacheAsideBuilder.class)
                          && !isPartOf(type, Invalidations.class)
                          && !isPartOf(type, AsyncInvalidations.class)))
          .should()
          .dependOnClassesThat(
              describe(
                  "are of the engine, and not the text of messages or the system's environment",
                  type ->
                      isOfTheEngine(type)
                          && !Set.of("Printable", "SystemEnvironment")
                              .contains(type.getSimpleName())));

  @ArchTest
  static final ArchRule NO_SIGNATURE_NAMES_THE_ENGINE =
      noMembers()
          .that(
              describe(
                  "users can see",
                  member ->
                      !isOfTheEngine(member.getOwner())
                          && isOpen(member.getOwner().getModifiers())
                          && isOpen(member.getModifiers())))
          .should(nameATypeOfTheEngine());

  @ArchTest
  static final ArchRule ONLY_THE_METERS_NEED_MICROMETER =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.cacheaside.micrometer..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.micrometer..", "io.cacheaside.micrometer..");

  @ArchTest
  static final ArchRule STORES_AND_CODECS_KNOW_NO_CACHE =
      noClasses()
          .that()
          .resideInAnyPackage("io.cacheaside.store..", "io.cacheaside.codec..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.cacheaside");

  @ArchTest
  static final ArchRule MODULES_AROUND_CORE_DO_NOT_KNOW_EACH_OTHER =
      slices()
          .matching("io.cacheaside.(redis|jackson|msgpack|zstd|testkit)..")
          .should()
          .notDependOnEachOther();

  @ArchTest
  static final ArchRule TIME_AND_CHANCE_COME_FROM_THE_ENVIRONMENT =
      noClasses()
          .that()
          .resideInAnyPackage(CORE)
          .and(describe("are not the system's environment", type -> !isOfTheSystem(type)))
          .should()
          .accessTargetWhere(isOneOf(UNREPEATABLE));

  @ArchTest
  static final ArchRule NOTHING_IS_SERIALISED_BY_JAVA =
      noClasses()
          .should()
          .dependOnClassesThat(
              assignableTo(ObjectInputStream.class).or(assignableTo(ObjectOutputStream.class)));

  private static ArchRule usesNothingAbove(String room) {
    String[] above =
        ROOMS.subList(0, ROOMS.indexOf(room)).stream()
            .map(ArchitectureTest::room)
            .toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(room(room))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(above);
  }

  private static String room(String name) {
    return ENGINE + "." + name;
  }

  private static String[] rooms() {
    return ROOMS.stream().map(ArchitectureTest::room).toArray(String[]::new);
  }

  private static boolean isPartOf(JavaClass type, Class<?> outer) {
    return type.isEquivalentTo(outer)
        || type.getEnclosingClass().filter(enclosing -> isPartOf(enclosing, outer)).isPresent();
  }

  private static boolean isOpen(Set<JavaModifier> modifiers) {
    return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
  }

  private static boolean isOfTheEngine(JavaClass type) {
    return type.getPackageName().startsWith(ENGINE);
  }

  private static ArchCondition<JavaMember> nameATypeOfTheEngine() {
    return new ArchCondition<>("name a type of the engine") {
      @Override
      public void check(JavaMember member, ConditionEvents events) {
        boolean names =
            member.getAllInvolvedRawTypes().stream().anyMatch(ArchitectureTest::isOfTheEngine);
        events.add(new SimpleConditionEvent(member, names, member.getDescription()));
      }
    };
  }

  private static boolean isOfTheSystem(JavaClass type) {
    return type.getEnclosingClass()
        .map(ArchitectureTest::isOfTheSystem)
        .orElseGet(() -> Set.of("SystemEnvironment", "Timers").contains(type.getSimpleName()));
  }

  private static DescribedPredicate<JavaAccess<?>> isOneOf(Set<String> members) {
    return describe(
        "it reads the clock, waits or is random",
        access ->
            members.contains(
                access.getTargetOwner().getName() + "." + access.getTarget().getName()));
  }
}
