package io.cacheaside.testkit;

import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store.CloseableResource;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * What {@link WithRedis} does. Spring Boot 3.5 brings JUnit 5.12, which has none of the methods and
 * types that replace the deprecated ones used here.
 */
@SuppressWarnings("deprecation")
final class RedisExtension implements ExecutionCondition, BeforeEachCallback, ParameterResolver {

  private static final Namespace SERVERS = Namespace.create(RedisExtension.class);

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    ServerBinary binary = binary(context);
    return binary.isAvailable()
        ? ConditionEvaluationResult.enabled(binary + " is there")
        : ConditionEvaluationResult.disabled(binary + " is not there");
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    server(context).reset();
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == RedisServer.class;
  }

  @Override
  public RedisServer resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return server(context);
  }

  /** Started by the first call for a class, and closed by JUnit after its last test. */
  private static RedisServer server(ExtensionContext context) {
    ExtensionContext owner = owner(context);
    Running running =
        owner
            .getStore(SERVERS)
            .getOrComputeIfAbsent(Running.class, key -> start(binary(owner)), Running.class);
    return Objects.requireNonNull(running).server();
  }

  /** A server that JUnit closes, the older versions because of the first type. */
  private record Running(RedisServer server) implements CloseableResource, AutoCloseable {
    @Override
    public void close() {
      server.close();
    }
  }

  private static Running start(ServerBinary binary) {
    RedisServer server = RedisServer.start(binary);
    server.outliveTests();
    return new Running(server);
  }

  private static ServerBinary binary(ExtensionContext context) {
    return annotation(owner(context)).orElseThrow().value();
  }

  /** Returns the context of the class that is annotated: that of a test or one around it. */
  private static ExtensionContext owner(ExtensionContext context) {
    ExtensionContext owner = context;
    while (annotation(owner).isEmpty()) {
      owner = owner.getParent().orElseThrow();
    }
    return owner;
  }

  private static Optional<WithRedis> annotation(ExtensionContext context) {
    return context
        .getElement()
        .filter(Class.class::isInstance)
        .flatMap(type -> AnnotationSupport.findAnnotation(type, WithRedis.class));
  }
}
