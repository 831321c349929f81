package io.cacheaside.testkit;

/**
 * A server's error reply to a command sent by a test.
 *
 * <p>The message is the server's own, beginning with its code: {@code WRONGTYPE Operation against a
 * key holding the wrong kind of value}.
 */
public final class CommandFailedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  CommandFailedException(String reply) {
    super(reply);
  }
}
