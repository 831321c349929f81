package io.cacheaside.msgpack;

import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.ValueInstantiator;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.util.HashSet;
import java.util.LinkedHashSet;

/** Sets that keep the order in which they were written, as lists and maps do. */
final class OrderedSets extends SimpleModule {
  private static final long serialVersionUID = 1L;

  OrderedSets() {
    super("io.cacheaside.sets");
    addValueInstantiator(HashSet.class, new InOrder());
  }

  /** A {@code LinkedHashSet} is a {@code HashSet}, which is what Jackson makes of a {@code Set}. */
  private static final class InOrder extends ValueInstantiator.Base {
    private static final long serialVersionUID = 1L;

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
