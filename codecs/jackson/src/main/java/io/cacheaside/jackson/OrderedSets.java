package io.cacheaside.jackson;

import java.util.HashSet;
import java.util.LinkedHashSet;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.ValueInstantiators;
import tools.jackson.databind.module.SimpleModule;

/** Sets that keep the order in which they were written, as lists and maps do. */
final class OrderedSets extends SimpleModule {
  private static final long serialVersionUID = 1L;

  OrderedSets() {
    super("io.cacheaside.sets");
  }

  @Override
  public void setupModule(SetupContext context) {
    context.addValueInstantiators(new InsteadOfHashSets());
  }

  /** A {@code LinkedHashSet} is a {@code HashSet}, which is what Jackson makes of a {@code Set}. */
  private static final class InsteadOfHashSets extends ValueInstantiators.Base {
    @Override
    public ValueInstantiator modifyValueInstantiator(
        DeserializationConfig config, BeanDescription.Supplier type, ValueInstantiator given) {
      return type.getBeanClass() == HashSet.class ? new InOrder() : given;
    }
  }

  private static final class InOrder extends ValueInstantiator.Base {
    InOrder() {
      super(HashSet.class);
    }

    @Override
    public boolean canCreateUsingDefault() {
      return true;
    }

    @Override
    public Object createUsingDefault(DeserializationContext context) {
      return new LinkedHashSet<>();
    }
  }
}
