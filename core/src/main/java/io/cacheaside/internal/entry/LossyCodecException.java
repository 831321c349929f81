package io.cacheaside.internal.entry;

import io.cacheaside.codec.CodecException;

/** Says that a codec does not read back what it writes, and what differs. */
public final class LossyCodecException extends CodecException {
  private static final long serialVersionUID = 1L;

  private final String component;

  /**
   * Creates an exception.
   *
   * @param path of the component that differs
   */
  LossyCodecException(String path, Class<?> type) {
    super(
        "The codec does not read back what it writes: %s of %s differs"
            .formatted(path, type.getTypeName()));
    component = path.replaceAll("\\[\\d+]", "[]") + " of " + type.getTypeName();
  }

  /** Returns the component and the type it belongs to, without the positions of elements. */
  public String component() {
    return component;
  }
}
