package io.cacheaside.verification.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What one version of a class has written and another one reads: exactly that, or nothing. */
abstract class ChangedClassContract {

  abstract <V> Codec<V> codec(Class<V> type);

  abstract <V> Codec<V> lenient(Class<V> type);

  /** Returns a codec of a mapper that writes constants by their position. */
  abstract <V> Codec<V> withConstantsByPosition(Class<V> type);

  record User(String id, String name) {}

  record WithNickname(String id, String name, @Nullable String nickname) {}

  record WithAge(String id, String name, int age) {}

  record WithRoles(String id, String name, List<String> roles) {}

  record WithOptional(String id, String name, Optional<String> nickname) {}

  record Renamed(String id, String fullName) {}

  record Anonymous(String id) {}

  record WithNumber(int id, String name) {}

  record Fraction(double value) {}

  record Whole(long value) {}

  record Text(String value) {}

  record Flag(boolean value) {}

  record Several(List<String> value) {}

  enum Color {
    RED,
    GREEN
  }

  enum Reordered {
    BLUE,
    GREEN,
    RED
  }

  enum Fewer {
    RED
  }

  record Painted(Color color, Map<Color, Integer> shades) {}

  record Repainted(Reordered color, Map<Reordered, Integer> shades) {}

  record PaintedRed(Fewer color, Map<Fewer, Integer> shades) {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Circle.class, name = "circle"),
    @JsonSubTypes.Type(value = Square.class, name = "square")
  })
  sealed interface Shape {}

  record Circle(int radius) implements Shape {}

  record Square(int side) implements Shape {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  @JsonSubTypes(@JsonSubTypes.Type(value = Disc.class, name = "circle"))
  sealed interface FewerShapes {}

  record Disc(int radius) implements FewerShapes {}

  /** A class with setters. */
  static class Account {
    private String owner = "";
    private int cents;

    public String getOwner() {
      return owner;
    }

    public void setOwner(String owner) {
      this.owner = owner;
    }

    public int getCents() {
      return cents;
    }

    public void setCents(int cents) {
      this.cents = cents;
    }
  }

  /** The same, a version later. */
  static class LaterAccount extends Account {
    private @Nullable String iban;
    private List<Account> parts = List.of();

    public @Nullable String getIban() {
      return iban;
    }

    public void setIban(@Nullable String iban) {
      this.iban = iban;
    }

    public List<Account> getParts() {
      return parts;
    }

    public void setParts(List<Account> parts) {
      this.parts = parts;
    }
  }

  private static final User ADA = new User("1", "Ada");

  @Test
  void anAddedComponentIsMissed() {
    assertRefused(ADA, WithNickname.class);
    assertRefused(ADA, WithAge.class);
    assertRefused(ADA, WithRoles.class);
    assertRefused(ADA, WithOptional.class);
  }

  @Test
  void aRemovedComponentIsMissed() {
    assertRefused(ADA, Anonymous.class);
    assertRefused(new WithNickname("1", "Ada", null), User.class);
  }

  @Test
  void aRenamedComponentIsMissed() {
    assertRefused(ADA, Renamed.class);
  }

  @Test
  void aComponentOfAnotherTypeIsMissed() {
    assertRefused(ADA, WithNumber.class);
    assertRefused(new WithNumber(1, "Ada"), User.class);
    assertRefused(new Whole(1), Text.class);
    assertRefused(new Whole(1), Fraction.class);
    assertRefused(new Whole(1), Flag.class);
    assertRefused(new Fraction(1), Whole.class);
    assertRefused(new Fraction(1), Text.class);
    assertRefused(new Flag(true), Text.class);
    assertRefused(new Flag(true), Whole.class);
    assertRefused(new Text("1"), Whole.class);
    assertRefused(new Text("1.0"), Fraction.class);
    assertRefused(new Text("true"), Flag.class);
    assertRefused(new Text(""), Whole.class);
    assertRefused(new Text("a"), Several.class);
    assertRefused(new Several(List.of("a")), Text.class);
  }

  @Test
  void componentsOfClassesWithSettersAreMissed() {
    LaterAccount later = new LaterAccount();
    assertRefused(later, Account.class);
    assertRefused(new Account(), LaterAccount.class);
    later.setParts(List.of(new Account()));
    byte[] payload = codec(LaterAccount.class).encode(later);
    LaterAccount decoded = codec(LaterAccount.class).decode(ByteBuffer.wrap(payload));
    assertThat(decoded).usingRecursiveComparison().isEqualTo(later);
  }

  @Test
  void aConstantIsItselfOrMissed() {
    Painted red = new Painted(Color.RED, Map.of(Color.GREEN, 1));
    byte[] payload = codec(Painted.class).encode(red);
    assertThat(codec(Repainted.class).decode(ByteBuffer.wrap(payload)))
        .isEqualTo(new Repainted(Reordered.RED, Map.of(Reordered.GREEN, 1)));
    assertRefused(red, PaintedRed.class);
    assertRefused(new Painted(Color.GREEN, Map.of()), PaintedRed.class);
  }

  @Test
  void aMapperCannotMakeConstantsDependOnTheirPosition() {
    Painted red = new Painted(Color.RED, Map.of(Color.GREEN, 1));
    byte[] payload = withConstantsByPosition(Painted.class).encode(red);
    assertThat(withConstantsByPosition(Repainted.class).decode(ByteBuffer.wrap(payload)))
        .isEqualTo(new Repainted(Reordered.RED, Map.of(Reordered.GREEN, 1)));
  }

  @Test
  void aSubtypeIsItselfOrMissed() {
    byte[] circle = codec(Shape.class).encode(new Circle(2));
    byte[] square = codec(Shape.class).encode(new Square(2));
    Codec<FewerShapes> fewer = codec(FewerShapes.class);
    assertThat(fewer.decode(ByteBuffer.wrap(circle))).isEqualTo(new Disc(2));
    assertRefused(fewer, square);
  }

  @Test
  void aLenientReaderTakesWhatItCan() {
    assertThat(read(ADA, WithNickname.class)).isEqualTo(new WithNickname("1", "Ada", null));
    assertThat(read(ADA, Anonymous.class)).isEqualTo(new Anonymous("1"));
    assertThat(read(ADA, WithNumber.class)).isEqualTo(new WithNumber(1, "Ada"));
    assertThat(read(new Account(), LaterAccount.class).getIban()).isNull();
    assertThat(read(new LaterAccount(), Account.class).getOwner()).isEmpty();
  }

  @Test
  void aLenientReaderMakesUpNoNumber() {
    assertRefused(lenient(WithAge.class), encoded(ADA));
  }

  @Test
  void aLenientWriterWritesTheSame() {
    assertThat(lenient(User.class).encode(ADA)).isEqualTo(codec(User.class).encode(ADA));
  }

  private <V> V read(Object written, Class<V> type) {
    return lenient(type).decode(ByteBuffer.wrap(encoded(written)));
  }

  private <V> void assertRefused(Object written, Class<V> type) {
    assertRefused(codec(type), encoded(written));
  }

  private static void assertRefused(Codec<?> reader, byte[] payload) {
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> reader.decode(ByteBuffer.wrap(payload)));
  }

  @SuppressWarnings("unchecked")
  private byte[] encoded(Object value) {
    return ((Codec<Object>) codec(value.getClass())).encode(value);
  }
}
