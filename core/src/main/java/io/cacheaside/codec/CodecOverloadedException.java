package io.cacheaside.codec;

/**
 * Says that a payload is not decoded at the moment, because others take the memory that it would
 * need. The payload may be intact: the read is a counted miss, and the entry stays.
 */
public final class CodecOverloadedException extends CodecException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception without a cause. */
  public CodecOverloadedException(String message) {
    super(message);
  }
}
