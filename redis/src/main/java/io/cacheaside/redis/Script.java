package io.cacheaside.redis;

import io.lettuce.core.output.BooleanOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;

/**
 * The conditional effects, each one atomic step on the server: compares the beginning of a state
 * with a stamp and answers 1 if they are equal and the effect took place, 0 if not.
 *
 * <p>Always sent whole. To call a script by its hash saves the server about a microsecond, but when
 * the script is lost, what was asked for behind it has overtaken it before it can be sent again.
 */
enum Script {
  /** Arguments: stamp, new state, then {@code KEEPTTL}, or {@code PX} and milliseconds. */
  SWAP("redis.call('SET', KEYS[1], ARGV[2], unpack(ARGV, 3))"),
  /** Arguments: stamp, new beginning, milliseconds unless the time to live is kept. */
  SWAP_HEAD(
      """
      redis.call('SETRANGE', KEYS[1], 0, ARGV[2])
        if ARGV[3] then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end\
      """),
  /** Argument: stamp. */
  REMOVE("redis.call('UNLINK', KEYS[1])"),
  /**
   * Arguments: stamp, or nothing if the key has to be empty; new state, milliseconds. The server
   * executes it although its memory is full.
   */
  SWAP_EVEN_IF_FULL(
      """
      #!lua flags=allow-oom
      if ARGV[1] == '' then
        return redis.call('SET', KEYS[1], ARGV[2], 'NX', 'PX', ARGV[3]) and 1 or 0
      end
      """,
      "redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])");

  static final byte[] NO_STAMP = {};

  /** A key of another Redis type is no match; any other failure to read is the answer. */
  private static final String FORM =
      """
      local head = redis.pcall('GETRANGE', KEYS[1], 0, #ARGV[1] - 1)
      if head == ARGV[1] then
        %s
        return 1
      end
      local failed = type(head) == 'table' and not head.err:find('^WRONGTYPE')
      return failed and head or 0
      """;

  private final String source;

  Script(String effect) {
    this("", effect);
  }

  Script(String before, String effect) {
    source = before + FORM.formatted(effect);
  }

  Command<Boolean> call(Origin origin, String key, byte[]... arguments) {
    CommandArgs<String, byte[]> args =
        new CommandArgs<>(origin.codec()).add(source).add(1).addKey(key);
    for (byte[] argument : arguments) {
      args.add(argument);
    }
    return new Command<>(origin, CommandType.EVAL, new BooleanOutput<>(origin.codec()), args)
        .changing(key);
  }
}
