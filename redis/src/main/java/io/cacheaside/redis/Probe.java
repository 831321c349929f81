package io.cacheaside.redis;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandKeyword;
import io.lettuce.core.protocol.CommandType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tries what reads and fills need on one node, in one round trip.
 *
 * <p>It changes nothing: its key does not exist, and none of its commands creates one. A node
 * checks permissions, then whether the key is on it, whether it is a primary and has memory, before
 * it executes a command.
 */
final class Probe {
  private static final byte[] EMPTY = {};
  private static final byte[] PX = "PX".getBytes(StandardCharsets.US_ASCII);
  private static final int MILLIS = 1_000;
  private static final String NO_PERMISSION = "NOPERM";
  private static final List<String> NOT_ABOUT_STORING = List.of(NO_PERMISSION, "MOVED ", "ASK ");

  private final RedisSettings settings;
  private final Origin origin;
  private final String key;
  private final List<ProbeCommand> commands = new ArrayList<>();
  private final ProbeCommand store;

  Probe(RedisSettings settings, Origin origin, String key) {
    this.settings = settings;
    this.origin = origin;
    this.key = key;
    boolean cluster = settings.topology() == Topology.CLUSTER;
    if (cluster) {
      add(CommandType.ASKING, null);
      add(CommandType.INFO, args().add("server")); // Lettuce asks for it with the topology
    }
    add(CommandType.PING, null);
    add(CommandType.GETRANGE, keyed().add(0).add(0));
    add(CommandType.PTTL, keyed());
    store = add(CommandType.SET, onlyIfThere(keyed().add(EMPTY)));
    add(CommandType.SETRANGE, keyed().add(0).add(EMPTY));
    add(CommandType.PEXPIRE, keyed().add(MILLIS));
    add(CommandType.UNLINK, keyed());
    add(CommandType.EVAL, args().add("return 0").add(1).addKey(key));
    if (!cluster) {
      add(CommandType.MGET, keyed());
      add(CommandType.EXISTS, keyed());
    }
    if (settings.invalidationCopies() > 0) {
      add(CommandType.WAIT, args().add(0).add(0));
    }
  }

  private ProbeCommand add(CommandType type, @Nullable CommandArgs<String, byte[]> args) {
    ProbeCommand command = new ProbeCommand(origin, type, args);
    commands.add(command);
    return command;
  }

  private CommandArgs<String, byte[]> args() {
    return new CommandArgs<>(origin.codec());
  }

  private CommandArgs<String, byte[]> keyed() {
    return args().addKey(key);
  }

  private static CommandArgs<String, byte[]> onlyIfThere(CommandArgs<String, byte[]> args) {
    return args.add(CommandKeyword.XX).add(CommandType.GET).add(PX).add(MILLIS);
  }

  /** Sends the commands. The stage never fails: a node that does not answer refuses nothing. */
  CompletionStage<Finding> over(StatefulRedisConnection<String, byte[]> connection, String node) {
    try {
      connection.dispatch(commands);
    } catch (RuntimeException e) {
      commands.forEach(command -> command.completeExceptionally(e));
    }
    return Stages.settled(commands.stream().map(Command::stage))
        .thenApply(done -> new Finding(node, store.isAnswered(), missing(), refusal()));
  }

  /** Returns the ACL rules to add. A node checks the command before it checks the keys. */
  private List<String> missing() {
    return commands.stream().flatMap(this::missing).distinct().toList();
  }

  private Stream<String> missing(ProbeCommand command) {
    String error = command.error();
    if (error == null || !error.startsWith(NO_PERMISSION)) {
      return Stream.empty();
    }
    return Stream.of(error.contains("command") ? command.rule() : settings.keyRule());
  }

  /** Returns why nothing can be stored at the moment; null if it can, or if it is not known. */
  private @Nullable String refusal() {
    String error = store.error();
    return error == null || NOT_ABOUT_STORING.stream().anyMatch(error::startsWith)
        ? null
        : CommandFailures.shown(error);
  }
}
