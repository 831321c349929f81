package io.cacheaside.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives the tests of a class a real Redis or Valkey server of their own, as a parameter of
 * constructors and methods.
 *
 * <pre>{@code
 * @WithRedis(ServerBinary.VALKEY_8_1)
 * class UserServiceTest {
 *   @Test
 *   void renamedUsersAreSeen(RedisServer server) {
 *     try (RedisStore store = RedisStore.connect(server.uri())) {
 *       ...
 *     }
 *   }
 * }
 * }</pre>
 *
 * <p>The server is started for the first test of the class, shared by all of them and those of its
 * nested classes, and closed after the last. Before each test, all its data are removed, and it is
 * thawed or started again if the test before has left it frozen or ended. So tests of one class
 * must not run at the same time.
 *
 * <p>The tests are skipped if the program is not there, or fail if the environment variable {@code
 * CACHEASIDE_REQUIRE_SERVERS} is {@code true}. {@link ServerBinary} says where programs are looked
 * for; the default comes with this module.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RedisExtension.class)
public @interface WithRedis {

  /** The program to run. */
  ServerBinary value() default ServerBinary.BUNDLED;
}
