package io.cacheaside.verification.behaviour;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestTag;
import org.junit.platform.engine.UniqueId;
import org.junit.platform.engine.support.descriptor.AbstractTestDescriptor;
import org.junit.platform.launcher.TagFilter;

/**
 * The ways to run a test class: both faces on every kind of store.
 *
 * <p>JUnit filters classes and methods by tag, not what a class is run with. So a class has the
 * tags of all its setups, and here those are left out that this run does not ask for: {@code
 * -Dgroups=valkey} runs everything on Valkey alone.
 */
class Setups implements ArgumentsProvider {
  private static final Set<String> STORES_AND_FACES =
      Set.of("unit", "redis", "valkey", "cluster", "async");
  private static final Set<String> RUNS = Set.of("quick", "full");

  /** The ways to run what no store but the one in memory can show: both faces. */
  static final class InMemory extends Setups {
    @Override
    Stream<Backend> backends() {
      return Backend.available().limit(1);
    }
  }

  Stream<Backend> backends() {
    return Backend.available();
  }

  @Override
  public Stream<Arguments> provideArguments(
      ParameterDeclarations parameters, ExtensionContext context) {
    Set<Face> faces = facesOf(context.getRequiredTestClass());
    return backends()
        .flatMap(backend -> faces.stream().map(face -> new Setup(face, backend)))
        .filter(setup -> isSelected(tagsOf(context, setup)))
        .map(Arguments::of);
  }

  private static Set<Face> facesOf(Class<?> test) {
    Only only = test.getAnnotation(Only.class);
    return only == null ? EnumSet.allOf(Face.class) : EnumSet.of(only.value());
  }

  private static Set<String> tagsOf(ExtensionContext context, Setup setup) {
    Set<String> tags = new HashSet<>(context.getTags());
    Set<String> ofSetup = new HashSet<>(setup.tags());
    if (tags.containsAll(RUNS)) {
      tags.removeAll(RUNS);
    } else {
      ofSetup.removeAll(RUNS);
    }
    tags.removeAll(STORES_AND_FACES);
    tags.addAll(ofSetup);
    return tags;
  }

  private static boolean isSelected(Set<String> tags) {
    TestDescriptor setup = new Tagged(tags);
    List<String> included = expressions("tests.included");
    List<String> excluded = expressions("tests.excluded");
    return (included.isEmpty() || TagFilter.includeTags(included).apply(setup).included())
        && (excluded.isEmpty() || TagFilter.excludeTags(excluded).apply(setup).included());
  }

  private static List<String> expressions(String property) {
    return Arrays.stream(System.getProperty(property, "").split(","))
        .filter(expression -> !expression.isBlank())
        .toList();
  }

  private static final class Tagged extends AbstractTestDescriptor {
    private final Set<TestTag> tags;

    Tagged(Set<String> tags) {
      super(UniqueId.forEngine("setups"), "setup");
      this.tags = tags.stream().map(TestTag::create).collect(Collectors.toSet());
    }

    @Override
    public Set<TestTag> getTags() {
      return tags;
    }

    @Override
    public TestDescriptor.Type getType() {
      return TestDescriptor.Type.TEST;
    }
  }
}
