package io.cacheaside.verification;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Set;

/** Which part of the code may know which other, and what none of it may use. */
@AnalyzeClasses(packages = "io.cacheaside", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String[] CORE = {
    "io.cacheaside",
    "io.cacheaside.codec..",
    "io.cacheaside.config..",
    "io.cacheaside.micrometer..",
    "io.cacheaside.store.."
  };

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
