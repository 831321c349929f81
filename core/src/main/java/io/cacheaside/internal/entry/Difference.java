package io.cacheaside.internal.entry;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where two values differ. Objects count as equal if they have no {@code equals} of their own;
 * arrays are compared by content.
 */
final class Difference {
  private static final int MAX_DEPTH = 100;

  private Difference() {}

  /**
   * Returns the path of the first component that differs, such as {@code $.items[0].price}, without
   * keys of maps, which are data; null if there is none.
   */
  static @Nullable String between(@Nullable Object a, @Nullable Object b) {
    return between(a, b, "$", 0);
  }

  private static @Nullable String between(
      @Nullable Object a, @Nullable Object b, String path, int depth) {
    if (depth > MAX_DEPTH || Objects.equals(a, b)) {
      return null;
    }
    if (a == null || b == null) {
      return path;
    }
    if (a.getClass().isArray()) {
      return ofArrays(a, b, path, depth);
    }
    if (a instanceof Optional<?> x && b instanceof Optional<?> y) {
      return between(x.orElse(null), y.orElse(null), path, depth + 1);
    }
    if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
      return ofMaps(x, y, path, depth);
    }
    if (a instanceof Collection<?> x && b instanceof Collection<?> y) {
      return ofCollections(x, y, path, depth);
    }
    if (a instanceof Record && a.getClass() == b.getClass()) {
      return ofRecords(a, b, path, depth);
    }
    return hasEquals(a) || hasMoreFields(a.getClass(), b.getClass()) ? path : null;
  }

  /** Returns whether a subclass has fields that its superclass does not have. */
  private static boolean hasMoreFields(Class<?> type, Class<?> superclass) {
    if (!superclass.isAssignableFrom(type)) {
      return false;
    }
    for (Class<?> c = type; c != null && c != superclass; c = c.getSuperclass()) {
      if (Arrays.stream(c.getDeclaredFields()).anyMatch(Difference::isState)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isState(Field field) {
    return !Modifier.isStatic(field.getModifiers())
        && !Modifier.isTransient(field.getModifiers())
        && field.getName().indexOf('$') < 0;
  }

  private static @Nullable String ofArrays(Object a, Object b, String path, int depth) {
    if (a.getClass() != b.getClass() || Array.getLength(a) != Array.getLength(b)) {
      return path;
    }
    if (a.getClass().getComponentType().isPrimitive()) {
      return Objects.deepEquals(a, b) ? null : path;
    }
    for (int i = 0; i < Array.getLength(a); i++) {
      String difference =
          between(Array.get(a, i), Array.get(b, i), path + "[" + i + "]", depth + 1);
      if (difference != null) {
        return difference;
      }
    }
    return null;
  }

  private static @Nullable String ofMaps(Map<?, ?> a, Map<?, ?> b, String path, int depth) {
    if (a.size() != b.size()) {
      return path;
    }
    for (Map.Entry<?, ?> entry : a.entrySet()) {
      Object key = entry.getKey();
      if (b.containsKey(key)) {
        String difference = between(entry.getValue(), b.get(key), path + ".*", depth + 1);
        if (difference != null) {
          return difference;
        }
      } else if (key == null || hasEquals(key)) {
        return path;
      }
    }
    return null;
  }

  private static @Nullable String ofCollections(
      Collection<?> a, Collection<?> b, String path, int depth) {
    if (a.size() != b.size()) {
      return path;
    }
    if (a instanceof Set || b instanceof Set) {
      return a.stream().allMatch(x -> x == null || hasEquals(x)) && !b.containsAll(a) ? path : null;
    }
    Iterator<?> others = b.iterator();
    int i = 0;
    for (Object element : a) {
      Object other = others.hasNext() ? others.next() : null;
      String difference = between(element, other, path + "[" + i++ + "]", depth + 1);
      if (difference != null) {
        return difference;
      }
    }
    return null;
  }

  private static @Nullable String ofRecords(Object a, Object b, String path, int depth) {
    for (RecordComponent component : a.getClass().getRecordComponents()) {
      String inside = path + "." + component.getName();
      try {
        component.getAccessor().setAccessible(true);
        Object x = component.getAccessor().invoke(a);
        Object y = component.getAccessor().invoke(b);
        String difference = between(x, y, inside, depth + 1);
        if (difference != null) {
          return difference;
        }
      } catch (ReflectiveOperationException | RuntimeException e) {
        return path;
      }
    }
    return null;
  }

  private static boolean hasEquals(Object value) {
    try {
      return value.getClass().getMethod("equals", Object.class).getDeclaringClass() != Object.class;
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("every class has equals", e);
    }
  }
}
