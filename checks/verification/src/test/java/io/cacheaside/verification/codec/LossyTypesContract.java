package io.cacheaside.verification.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.annotation.JsonValue;
import io.cacheaside.codec.Codec;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Calendar;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Types of which a format would lose something are refused when the codec is made. */
abstract class LossyTypesContract {

  abstract <V> Codec<V> codec(Type type);

  /** Accessors without {@code get}, as Lombok's {@code fluent = true} makes them. */
  static class Fluent {
    private final String name;

    @JsonCreator
    Fluent(@JsonProperty("name") String name) {
      this.name = name;
    }

    public String name() {
      return name;
    }
  }

  static class Invisible {
    private @Nullable String name;

    public @Nullable String name() {
      return name;
    }

    public void name(String newName) {
      name = newName;
    }
  }

  static class HalfVisible extends Invisible {
    private int age;

    public int getAge() {
      return age;
    }

    public void setAge(int age) {
      this.age = age;
    }
  }

  static class WithSetterOnly {
    private int age;

    public void setAge(int age) {
      this.age = age;
    }

    boolean isAdult() {
      return age >= 18;
    }
  }

  static class WithReadOnlyProperty {
    private int age;

    @JsonProperty(access = JsonProperty.Access.READ_ONLY)
    public int getAge() {
      return age;
    }

    void birthday() {
      age++;
    }
  }

  static class WithWriteOnlyProperty {
    @JsonProperty(access = JsonProperty.Access.WRITE_ONLY)
    public @Nullable String password;
  }

  record OfBits(List<BitSet> bits) {}

  record OfCalendar(Map<String, Calendar> calendar) {}

  @ParameterizedTest
  @ValueSource(
      classes = {
        Fluent.class,
        Invisible.class,
        HalfVisible.class,
        WithSetterOnly.class,
        WithReadOnlyProperty.class,
        WithWriteOnlyProperty.class,
        BitSet.class,
        OfBits.class,
        Calendar.class,
        GregorianCalendar.class,
        OfCalendar.class
      })
  void refusesWhatWouldLoseSomething(Class<?> type) {
    for (Type use : List.of(type, Values.generic(List.class, type), optional(type))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> codec(use))
          .withMessageContaining("lose")
          .withMessageMatching("(?s).*(use java.time.ZonedDateTime|@JsonIgnore or transient).*");
    }
  }

  private static Type optional(Class<?> type) {
    return Values.generic(Map.class, String.class, Values.generic(Optional.class, type));
  }

  interface Plain {
    String name();
  }

  sealed interface Shape permits Circle {}

  record Circle(int radius) implements Shape {}

  /** As a Kotlin data class is without Jackson's module for Kotlin. */
  static final class WithoutCreator {
    private final String name;

    WithoutCreator(String name, List<String> ignored) {
      this.name = name;
    }

    public String getName() {
      return name;
    }
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Dog.class, name = "dog"),
    @JsonSubTypes.Type(value = Cat.class, name = "cat")
  })
  abstract static class Animal {
    public String name = "";
  }

  static class Dog extends Animal {
    public int barks;
  }

  static class Cat extends Animal {
    private final int lives = 7;

    int lives() {
      return lives;
    }
  }

  record OfAnimal(Optional<Animal> animal) {}

  @ParameterizedTest
  @ValueSource(classes = {Plain.class, Shape.class, WithoutCreator.class, Comparable.class})
  void refusesWhatCanNeverBeRead(Class<?> type) {
    for (Type use : List.of(type, Values.generic(List.class, type), optional(type))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> codec(use))
          .withMessageContaining(type.getName() + " cannot be read from")
          .withMessageContaining("no Creators, like default constructor, exist")
          .withMessageMatching(".*(@JsonTypeInfo.use = NAME.|@JsonCreator).*");
    }
  }

  /** Is made of a text and written as an object. */
  static final class MadeOfText {
    private String name;

    MadeOfText(String text) {
      this.name = text;
    }

    public String getName() {
      return name;
    }

    public void setName(String name) {
      this.name = name;
    }
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  @JsonSubTypes(@JsonSubTypes.Type(value = WithoutCreatorInFamily.class, name = "without"))
  interface Family {}

  static final class WithoutCreatorInFamily implements Family {
    private String name;

    WithoutCreatorInFamily(String name, List<String> ignored) {
      this.name = name;
    }

    public String getName() {
      return name;
    }

    public void setName(String name) {
      this.name = name;
    }
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  abstract static class WithoutSubtypes {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  @JsonSubTypes(@JsonSubTypes.Type(value = StillAbstract.class, name = "abstract"))
  interface WithAbstractSubtype {}

  interface StillAbstract extends WithAbstractSubtype {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, defaultImpl = Fallback.class)
  interface WithDefault {}

  record Fallback(int number) implements WithDefault {}

  @Test
  void refusesSubtypesThatCanNeverBeRead() {
    assertUnreadable(Family.class, "WithoutCreatorInFamily cannot be read", "@JsonCreator");
    assertUnreadable(WithoutSubtypes.class, "knows no subtype of it", "@JsonSubTypes");
    assertUnreadable(WithAbstractSubtype.class, "knows no subtype of it", "@JsonSubTypes");
    assertThat(this.<WithDefault>codec(WithDefault.class)).isNotNull();
  }

  @Test
  void refusesWhatIsReadFromTextOnly() {
    assertUnreadable(MadeOfText.class, "no Creators", "@JsonCreator");
  }

  private void assertUnreadable(Class<?> type, String... words) {
    for (Type use : List.of(type, Values.generic(List.class, type), optional(type))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> codec(use))
          .withMessageContaining("cannot be read from")
          .withMessageContainingAll(words);
    }
  }

  @Test
  void looksIntoSubtypes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> codec(OfAnimal.class))
        .withMessageContaining("Cat would lose 'lives'");
  }

  record Derived(int cents) {
    public boolean isFree() {
      return cents == 0;
    }

    public List<String> getWords() {
      return List.of("cents");
    }
  }

  /** A field with another name than its property, an ignored one, and one that is computed. */
  static class WithOddFields {
    private int mCents;
    @JsonIgnore private int cache = 5;
    private transient int hash = 7;

    public int getCents() {
      return mCents;
    }

    public void setCents(int cents) {
      mCents = cents;
    }

    public int getDouble() {
      return 2 * mCents;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof WithOddFields that && that.mCents == mCents;
    }

    @Override
    public int hashCode() {
      return hash + cache;
    }
  }

  static class Named {
    private final String name;

    private Named(String name) {
      this.name = name;
    }

    @JsonCreator
    static Named of(String name) {
      return new Named(name);
    }

    @JsonValue
    String name() {
      return name;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Named that && that.name.equals(name);
    }

    @Override
    public int hashCode() {
      return Objects.hash(name);
    }
  }

  record Unwrapped(int id, @JsonUnwrapped Circle circle) {}

  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  record OftenEmpty(@Nullable String name, List<String> roles, Optional<String> nickname) {}

  record Tree(List<Tree> children, WithOddFields odd) {}

  @Test
  void takesWhatIsComplete() {
    WithOddFields odd = new WithOddFields();
    odd.setCents(3);
    assertRoundTrip(Derived.class, new Derived(3));
    assertRoundTrip(WithOddFields.class, odd);
    assertRoundTrip(Named.class, Named.of("Ada"));
    assertRoundTrip(OftenEmpty.class, new OftenEmpty(null, List.of(), Optional.empty()));
    assertRoundTrip(Tree.class, new Tree(List.of(new Tree(List.of(), odd)), odd));
    assertRoundTrip(Unwrapped.class, new Unwrapped(1, new Circle(2)));
  }

  private <V> void assertRoundTrip(Type type, V value) {
    Codec<V> codec = codec(type);
    assertThat(codec.decode(ByteBuffer.wrap(codec.encode(value)))).isEqualTo(value);
  }
}
