package io.cacheaside.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A glob pattern, compiled; matches what Redis' {@code KEYS} and {@code SCAN} match.
 *
 * <p>Works on bytes, so {@code ?} is one byte and not one character. {@code *} is any number of
 * bytes, {@code [...]} one of a set, {@code [^...]} one that is not in it, {@code \} takes the next
 * byte literally, inside a set too; a final {@code \} stands for itself. In a set, {@code a-c} is a
 * range, with its ends in either order, and takes the byte after the dash whatever it is, a closing
 * bracket included. {@code []} matches nothing, {@code [^]} any byte; a set that is not closed ends
 * with the pattern. Bytes compare as signed numbers in a range, which matters only for one from an
 * ASCII character to another, and is what a server on x86-64 does.
 *
 * <p>Matching takes time proportional to the length of the text times that of the pattern at worst.
 */
final class Glob {
  private static final int BYTE_VALUES = 256;

  /** The bytes each step accepts; null for any number of any bytes. */
  private final List<@Nullable BitSet> steps;

  private Glob(List<@Nullable BitSet> steps) {
    this.steps = steps;
  }

  static Glob compile(String pattern) {
    return new Glob(new Parser(pattern.getBytes(StandardCharsets.UTF_8)).steps());
  }

  boolean matches(String text) {
    return matches(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Walks both once, and on a mismatch back to the last star, which then takes one more byte. */
  private boolean matches(byte[] text) {
    int step = 0;
    int position = 0;
    int stepAfterStar = -1;
    int starEnd = -1;
    while (position < text.length) {
      if (isStar(step)) {
        stepAfterStar = ++step;
        starEnd = position;
      } else if (accepts(step, text[position])) {
        step++;
        position++;
      } else if (stepAfterStar >= 0) {
        step = stepAfterStar;
        position = ++starEnd;
      } else {
        return false;
      }
    }
    return isSatisfied(step);
  }

  private boolean isStar(int step) {
    return step < steps.size() && steps.get(step) == null;
  }

  private boolean accepts(int step, byte candidate) {
    BitSet accepted = step < steps.size() ? steps.get(step) : null;
    return accepted != null && accepted.get(Byte.toUnsignedInt(candidate));
  }

  private boolean isSatisfied(int step) {
    return steps.subList(step, steps.size()).stream().allMatch(accepted -> accepted == null);
  }

  private static final class Parser {
    private final byte[] pattern;
    private int position;

    Parser(byte[] pattern) {
      this.pattern = pattern;
    }

    List<@Nullable BitSet> steps() {
      List<@Nullable BitSet> steps = new ArrayList<>();
      while (left() > 0) {
        steps.add(step());
      }
      return Collections.unmodifiableList(steps);
    }

    private @Nullable BitSet step() {
      byte first = pattern[position++];
      return switch (first) {
        case '*' -> null;
        case '?' -> allBut(new BitSet());
        case '[' -> set();
        case '\\' -> only(left() > 0 ? pattern[position++] : first);
        default -> only(first);
      };
    }

    private BitSet set() {
      boolean negated = left() > 0 && pattern[position] == '^';
      if (negated) {
        position++;
      }
      BitSet members = new BitSet(BYTE_VALUES);
      while (left() > 0 && pattern[position] != ']') {
        addMember(members);
      }
      position++;
      return negated ? allBut(members) : members;
    }

    private void addMember(BitSet members) {
      byte first = pattern[position++];
      if (first == '\\' && left() >= 1) {
        members.set(Byte.toUnsignedInt(pattern[position++]));
      } else if (left() >= 2 && pattern[position] == '-') {
        addRange(members, first, pattern[position + 1]);
        position += 2;
      } else {
        members.set(Byte.toUnsignedInt(first));
      }
    }

    private int left() {
      return pattern.length - position;
    }

    private static void addRange(BitSet members, byte oneEnd, byte otherEnd) {
      int last = Math.max(oneEnd, otherEnd);
      for (int member = Math.min(oneEnd, otherEnd); member <= last; member++) {
        members.set(Byte.toUnsignedInt((byte) member));
      }
    }

    private static BitSet only(byte member) {
      BitSet members = new BitSet(BYTE_VALUES);
      members.set(Byte.toUnsignedInt(member));
      return members;
    }

    private static BitSet allBut(BitSet members) {
      members.flip(0, BYTE_VALUES);
      return members;
    }
  }
}
