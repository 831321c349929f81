package io.cacheaside.jackson;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.BeanDeserializerBuilder;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.bean.BeanDeserializer;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.module.SimpleModule;

/**
 * Refuses objects that lack a property which is set by a method or a field. Jackson itself knows
 * only missing parameters of constructors.
 */
final class CompleteObjects extends SimpleModule {
  private static final long serialVersionUID = 1L;

  CompleteObjects() {
    super("io.cacheaside.complete");
    setDeserializerModifier(new Modifier());
  }

  private static final class Modifier extends ValueDeserializerModifier {
    private static final long serialVersionUID = 1L;

    @Override
    public BeanDeserializerBuilder updateBuilder(
        DeserializationConfig config,
        BeanDescription.Supplier description,
        BeanDeserializerBuilder builder) {
      List<SettableBeanProperty> settable = new ArrayList<>();
      for (Iterator<SettableBeanProperty> all = builder.getProperties(); all.hasNext(); ) {
        SettableBeanProperty property = all.next();
        if (isUnwrapped(config, property)) {
          return builder;
        }
        if (!property.isCreatorProperty() && !property.isInjectionOnly()) {
          settable.add(property);
        }
      }
      for (int i = 0; i < settable.size(); i++) {
        builder.addOrReplaceProperty(new Noted(settable.get(i), i), true);
      }
      return builder;
    }

    private static boolean isUnwrapped(
        DeserializationConfig config, SettableBeanProperty property) {
      return property.getMember() != null
          && config
                  .getAnnotationIntrospector()
                  .findUnwrappingNameTransformer(config, property.getMember())
              != null;
    }

    @Override
    public ValueDeserializer<?> modifyDeserializer(
        DeserializationConfig config,
        BeanDescription.Supplier description,
        ValueDeserializer<?> deserializer) {
      return deserializer instanceof BeanDeserializer bean && isSetAfterCreation(bean)
          ? new Complete(bean)
          : deserializer;
    }

    private static boolean isSetAfterCreation(BeanDeserializer bean) {
      for (Iterator<SettableBeanProperty> all = bean.properties(); all.hasNext(); ) {
        if (!all.next().isCreatorProperty()) {
          return true;
        }
      }
      return false;
    }
  }

  /** Which properties of the object that is being read were there. Owned by the reading thread. */
  private static final class Seen {
    private BitSet properties = new BitSet();
  }

  /** Notes that a property was there. */
  private static final class Noted extends SettableBeanProperty.Delegating {
    private static final long serialVersionUID = 1L;

    private final int number;

    Noted(SettableBeanProperty property, int number) {
      super(property);
      this.number = number;
    }

    @Override
    protected SettableBeanProperty withDelegate(SettableBeanProperty property) {
      return new Noted(property, number);
    }

    @Override
    public void deserializeAndSet(JsonParser in, DeserializationContext context, Object object) {
      note(context);
      delegate.deserializeAndSet(in, context, object);
    }

    @Override
    public Object deserializeSetAndReturn(
        JsonParser in, DeserializationContext context, Object object) {
      note(context);
      return delegate.deserializeSetAndReturn(in, context, object);
    }

    @Override
    public void set(DeserializationContext context, Object object, Object value) {
      note(context);
      delegate.set(context, object, value);
    }

    @Override
    public Object setAndReturn(DeserializationContext context, Object object, Object value) {
      note(context);
      return delegate.setAndReturn(context, object, value);
    }

    private void note(DeserializationContext context) {
      if (context.getAttribute(Seen.class) instanceof Seen seen) {
        seen.properties.set(number);
      }
    }
  }

  /** Reads an object and compares the properties that were there with those it has. */
  private static final class Complete extends DelegatingDeserializer {
    private final String[] names;

    Complete(ValueDeserializer<?> bean) {
      super(bean);
      names = names(bean);
    }

    static String[] names(ValueDeserializer<?> deserializer) {
      List<String> names = new ArrayList<>();
      if (deserializer instanceof BeanDeserializer bean) {
        bean.properties().forEachRemaining(property -> addIfNoted(property, names));
      }
      return names.toArray(String[]::new);
    }

    private static void addIfNoted(SettableBeanProperty property, List<String> names) {
      SettableBeanProperty inner = property;
      while (inner instanceof SettableBeanProperty.Delegating outer && !(inner instanceof Noted)) {
        inner = outer.getDelegate();
      }
      if (inner instanceof Noted noted) {
        while (names.size() <= noted.number) {
          names.add("");
        }
        names.set(noted.number, property.getName());
      }
    }

    @Override
    protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> bean) {
      return bean instanceof BeanDeserializer ? new Complete(bean) : bean;
    }

    @Override
    public Object deserialize(JsonParser in, DeserializationContext context) {
      if (in.currentToken().isScalarValue()) {
        return super.deserialize(in, context);
      }
      Seen seen = seen(context);
      BitSet outer = seen.properties;
      BitSet mine = new BitSet(names.length);
      seen.properties = mine;
      Object object = super.deserialize(in, context);
      seen.properties = outer;
      refuseMissing(mine, context);
      return object;
    }

    private void refuseMissing(BitSet there, DeserializationContext context) {
      for (int i = there.nextClearBit(0); i < names.length; i = there.nextClearBit(i + 1)) {
        if (!names[i].isEmpty()) {
          context.reportPropertyInputMismatch(
              handledType(), names[i], "Missing property '%s'", names[i]);
        }
      }
    }

    private static Seen seen(DeserializationContext context) {
      if (context.getAttribute(Seen.class) instanceof Seen seen) {
        return seen;
      }
      Seen seen = new Seen();
      context.setAttribute(Seen.class, seen);
      return seen;
    }
  }
}
