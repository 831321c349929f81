package io.cacheaside.verification.history;

/** The source could not be read. */
final class SourceFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SourceFailure() {
    super("the source is away for a moment");
  }
}
