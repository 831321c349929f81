package io.cacheaside.codec;

import org.jspecify.annotations.Nullable;

/** Says that a value or its bytes could not be converted. The message never contains the value. */
public class CodecException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception without a cause. */
  public CodecException(String message) {
    super(message);
  }

  /** Creates an exception with a cause. */
  public CodecException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
