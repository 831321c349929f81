package io.cacheaside.verification.behaviour;

import java.util.EnumSet;
import java.util.HashSet;
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
 * tags of all its setups, and here those are left out that the {@code groups} of this run do not
 * ask for: {@code -Dgroups=valkey} runs everything on Valkey alone.
 */
class Setups implements ArgumentsProvider {
  private static final Set<String> TAGS = Set.of("unit", "redis", "valkey", "cluster", "async");

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
    tags.removeAll(TAGS);
    tags.addAll(setup.tags());
    return tags;
  }

  private static boolean isSelected(Set<String> tags) {
    String groups = System.getProperty("groups", "");
    return groups.isBlank()
        || TagFilter.includeTags(groups.split(",")).apply(new Tagged(tags)).included();
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
