package io.cacheaside.verification.platform;

import java.io.DataInputStream;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a class file refers to in another library, as the JVM specification, 4.4, has it.
 *
 * @param owner a class
 * @param name of a field or method; empty if only the class is meant
 * @param descriptor of that field or method, else empty
 */
record Symbol(String owner, String name, String descriptor) implements Comparable<Symbol> {
  private static final int UTF8 = 1;
  private static final int LONG = 5;
  private static final int DOUBLE = 6;
  private static final int CLASS = 7;
  private static final int STRING = 8;
  private static final int FIELD = 9;
  private static final int METHOD = 10;
  private static final int INTERFACE_METHOD = 11;
  private static final int NAME_AND_TYPE = 12;
  private static final int METHOD_HANDLE = 15;
  private static final int METHOD_TYPE = 16;
  private static final int MODULE = 19;
  private static final int PACKAGE = 20;

  /** Returns what the classes of a library refer to outside of this project and the JDK. */
  static Set<Symbol> usedBy(Class<?> oneOfTheLibrary) throws IOException, URISyntaxException {
    URI place = oneOfTheLibrary.getProtectionDomain().getCodeSource().getLocation().toURI();
    String folder = oneOfTheLibrary.getPackageName().replace('.', '/');
    if (Files.isDirectory(Path.of(place))) {
      return usedBelow(Path.of(place).resolve(folder));
    }
    try (FileSystem jar = FileSystems.newFileSystem(Path.of(place))) {
      return usedBelow(jar.getPath(folder));
    }
  }

  private static Set<Symbol> usedBelow(Path folder) throws IOException {
    Set<Symbol> symbols = new TreeSet<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
          read(in, symbols);
        }
      }
    }
    return symbols;
  }

  private static void read(DataInputStream in, Set<Symbol> symbols) throws IOException {
    in.skipNBytes(8);
    int[][] entries = new int[in.readUnsignedShort()][];
    String[] texts = new String[entries.length];
    for (int i = 1; i < entries.length; i++) {
      int tag = in.readUnsignedByte();
      switch (tag) {
        case UTF8 -> texts[i] = in.readUTF();
        case CLASS, STRING, METHOD_TYPE, MODULE, PACKAGE ->
            entries[i] = new int[] {tag, in.readUnsignedShort()};
        case FIELD, METHOD, INTERFACE_METHOD, NAME_AND_TYPE ->
            entries[i] = new int[] {tag, in.readUnsignedShort(), in.readUnsignedShort()};
        case METHOD_HANDLE -> in.skipNBytes(3);
        case LONG, DOUBLE -> {
          in.skipNBytes(8);
          i++;
        }
        default -> in.skipNBytes(4);
      }
    }
    for (int[] entry : entries) {
      Symbol symbol = entry == null ? null : symbol(entry, entries, texts);
      if (symbol != null && symbol.isForeign()) {
        symbols.add(symbol);
      }
    }
  }

  private static @Nullable Symbol symbol(int[] entry, int[][] entries, String[] texts) {
    return switch (entry[0]) {
      case CLASS -> new Symbol(texts[entry[1]], "", "");
      case FIELD, METHOD, INTERFACE_METHOD -> {
        int[] nameAndType = entries[entry[2]];
        yield new Symbol(texts[entries[entry[1]][1]], texts[nameAndType[1]], texts[nameAndType[2]]);
      }
      default -> null;
    };
  }

  private boolean isForeign() {
    return Stream.of("[", "java/", "javax/", "io/cacheaside/").noneMatch(owner::startsWith);
  }

  /** Returns whether it is on the class path of this JVM, found as the JVM would find it. */
  boolean isThere() {
    try {
      Class<?> type = Class.forName(owner.replace('/', '.'), false, loader());
      Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
      return name.isEmpty() || (isMethod() ? hasMethod(type, lookup) : hasField(type, lookup));
    } catch (ReflectiveOperationException | LinkageError | TypeNotPresentException e) {
      return false;
    }
  }

  private static ClassLoader loader() {
    return Symbol.class.getClassLoader();
  }

  private boolean isMethod() {
    return descriptor.startsWith("(");
  }

  private boolean hasMethod(Class<?> type, Lookup lookup) throws ReflectiveOperationException {
    MethodType signature = MethodType.fromMethodDescriptorString(descriptor, loader());
    if (name.equals("<init>")) {
      lookup.findConstructor(type, signature);
      return true;
    }
    try {
      lookup.findVirtual(type, name, signature);
    } catch (IllegalAccessException e) {
      lookup.findStatic(type, name, signature);
    }
    return true;
  }

  private boolean hasField(Class<?> type, Lookup lookup) throws ReflectiveOperationException {
    Class<?> of = MethodType.fromMethodDescriptorString("()" + descriptor, loader()).returnType();
    try {
      lookup.findVarHandle(type, name, of);
    } catch (IllegalAccessException e) {
      lookup.findStaticVarHandle(type, name, of);
    }
    return true;
  }

  @Override
  public int compareTo(Symbol other) {
    return toString().compareTo(other.toString());
  }
}
