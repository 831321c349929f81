package io.cacheaside.redis;

import io.cacheaside.store.StoreException;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.output.ValueListOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One command for reads that follow each other, each of which gets its own answer from it, and all
 * the same failure.
 *
 * <p>For MGET, a key of another type is not there. So it is sent behind an EXISTS of the same keys:
 * if that counts more of them, those that seem not to be there are read one by one.
 */
final class MultiRead extends Command<List<byte @Nullable []>> {
  private static final int MIN_READS = 8;

  /** Few enough for the server to answer others in between. */
  private static final int MAX_READS = 100;

  private final Consumer<StateCommand> sender;
  private final List<StateCommand> reads;
  private final Command<Long> existing;

  private MultiRead(Origin origin, Consumer<StateCommand> sender, List<StateCommand> reads) {
    super(origin, CommandType.MGET, new ValueListOutput<>(origin.codec()), keysOf(origin, reads));
    this.sender = sender;
    this.reads = reads;
    this.existing =
        new Command<>(
            origin, CommandType.EXISTS, new IntegerOutput<>(origin.codec()), keysOf(origin, reads));
    stage()
        .whenComplete(
            (states, failure) ->
                existing
                    .stage()
                    .whenComplete((count, unknown) -> answer(states, count, failure, unknown)));
  }

  private static CommandArgs<String, byte[]> keysOf(Origin origin, List<StateCommand> reads) {
    return new CommandArgs<>(origin.codec())
        .addKeys(reads.stream().map(StateCommand::key).toList());
  }

  private void answer(
      @Nullable List<byte @Nullable []> states,
      @Nullable Long count,
      @Nullable Throwable failure,
      @Nullable Throwable unknown) {
    if (states == null || count == null) {
      fail((StoreException) Objects.requireNonNull(failure == null ? unknown : failure), reads);
    } else if (states.size() != reads.size()) {
      Throwable odd = new IllegalStateException(states.size() + " states of " + reads.size());
      fail(CommandFailures.of("MGET", odd, true, origin().isClosed()), reads);
    } else {
      answer(states, count);
    }
  }

  private static void fail(StoreException failure, List<StateCommand> reads) {
    reads.forEach(read -> read.fail(failure));
  }

  private void answer(List<byte @Nullable []> states, long count) {
    boolean allSeen = states.stream().filter(Objects::nonNull).count() >= count;
    for (int i = 0; i < reads.size(); i++) {
      byte[] state = states.get(i);
      if (state != null || allSeen) {
        reads.get(i).succeed(isTooLong(state) ? StateOutput.FOREIGN : state);
      } else {
        sender.accept(reads.get(i));
      }
    }
  }

  private boolean isTooLong(byte @Nullable [] state) {
    return state != null && state.length > origin().maxStateBytes();
  }

  /**
   * Returns the same commands in the same order, those joined that can be.
   *
   * @param sender sends a read by itself
   */
  static List<? extends Command<?>> joined(
      Origin origin, Consumer<StateCommand> sender, List<? extends Command<?>> commands) {
    if (commands.size() < MIN_READS) {
      return commands;
    }
    List<Command<?>> joined = new ArrayList<>();
    List<StateCommand> run = new ArrayList<>();
    for (Command<?> command : commands) {
      if (command instanceof StateCommand read && read.isPlainRead()) {
        run.add(read);
        if (run.size() == MAX_READS) {
          end(run, origin, sender, joined);
        }
      } else {
        end(run, origin, sender, joined);
        joined.add(command);
      }
    }
    end(run, origin, sender, joined);
    return joined;
  }

  private static void end(
      List<StateCommand> run,
      Origin origin,
      Consumer<StateCommand> sender,
      List<Command<?>> joined) {
    if (run.size() < MIN_READS) {
      joined.addAll(run);
    } else {
      MultiRead all = new MultiRead(origin, sender, List.copyOf(run));
      joined.add(all.existing);
      joined.add(all);
    }
    run.clear();
  }
}
