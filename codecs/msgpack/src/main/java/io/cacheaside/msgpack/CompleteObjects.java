package io.cacheaside.msgpack;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.deser.BeanDeserializer;
import com.fasterxml.jackson.databind.deser.BeanDeserializerBuilder;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.CreatorProperty;
import com.fasterxml.jackson.databind.deser.SettableBeanProperty;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Refuses objects that lack a property which is set by a method or a field. Jackson itself knows
 * only missing parameters of constructors.
 */
final class CompleteObjects extends SimpleModule {
  private static final long serialVersionUID = 1L;

  /** Which properties of the object that this thread is reading were there. */
  private static final ThreadLocal<@Nullable BitSet> SEEN = new ThreadLocal<>();

  CompleteObjects() {
    super("io.cacheaside.complete");
    setDeserializerModifier(new Modifier());
  }

  private static final class Modifier extends BeanDeserializerModifier {
    private static final long serialVersionUID = 1L;

    @Override
    public BeanDeserializerBuilder updateBuilder(
        DeserializationConfig config,
        BeanDescription description,
        BeanDeserializerBuilder builder) {
      List<SettableBeanProperty> settable = new ArrayList<>();
      for (Iterator<SettableBeanProperty> all = builder.getProperties(); all.hasNext(); ) {
        SettableBeanProperty property = all.next();
        if (isUnwrapped(config, property)) {
          return builder;
        }
        if (!(property instanceof CreatorProperty) && !property.isInjectionOnly()) {
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
          && config.getAnnotationIntrospector().findUnwrappingNameTransformer(property.getMember())
              != null;
    }

    @Override
    public JsonDeserializer<?> modifyDeserializer(
        DeserializationConfig config,
        BeanDescription description,
        JsonDeserializer<?> deserializer) {
      return deserializer instanceof BeanDeserializer bean && isSetAfterCreation(bean)
          ? new Complete(bean)
          : deserializer;
    }

    private static boolean isSetAfterCreation(BeanDeserializer bean) {
      for (Iterator<SettableBeanProperty> all = bean.properties(); all.hasNext(); ) {
        if (!(all.next() instanceof CreatorProperty)) {
          return true;
        }
      }
      return false;
    }
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
    public void deserializeAndSet(JsonParser in, DeserializationContext context, Object object)
        throws IOException {
      note();
      delegate.deserializeAndSet(in, context, object);
    }

    @Override
    public Object deserializeSetAndReturn(
        JsonParser in, DeserializationContext context, Object object) throws IOException {
      note();
      return delegate.deserializeSetAndReturn(in, context, object);
    }

    @Override
    public void set(Object object, Object value) throws IOException {
      note();
      delegate.set(object, value);
    }

    @Override
    public Object setAndReturn(Object object, Object value) throws IOException {
      note();
      return delegate.setAndReturn(object, value);
    }

    private void note() {
      BitSet there = SEEN.get();
      if (there != null) {
        there.set(number);
      }
    }
  }

  /** Reads an object and compares the properties that were there with those it has. */
  private static final class Complete extends DelegatingDeserializer {
    private static final long serialVersionUID = 1L;

    private final String[] names;

    Complete(JsonDeserializer<?> bean) {
      super(bean);
      names = names(bean);
    }

    static String[] names(JsonDeserializer<?> deserializer) {
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
    protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> bean) {
      return bean instanceof BeanDeserializer ? new Complete(bean) : bean;
    }

    @Override
    public Object deserialize(JsonParser in, DeserializationContext context) throws IOException {
      if (in.currentToken().isScalarValue()) {
        return super.deserialize(in, context);
      }
      BitSet outer = SEEN.get();
      BitSet mine = new BitSet(names.length);
      SEEN.set(mine);
      try {
        Object object = super.deserialize(in, context);
        refuseMissing(mine, context);
        return object;
      } finally {
        if (outer == null) {
          SEEN.remove();
        } else {
          SEEN.set(outer);
        }
      }
    }

    private void refuseMissing(BitSet there, DeserializationContext context)
        throws JsonMappingException {
      for (int i = there.nextClearBit(0); i < names.length; i = there.nextClearBit(i + 1)) {
        if (!names[i].isEmpty()) {
          context.reportPropertyInputMismatch(
              handledType(), names[i], "Missing property '%s'", names[i]);
        }
      }
    }
  }
}
