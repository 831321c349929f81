package io.cacheaside.redis;

import io.cacheaside.store.StoreException;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.output.ValueListOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One command for reads that follow each other, each of which gets its own answer from it, and all
 * the same failure.
 *
 * <p>For MGET, a key of another type is not there. So it is sent behind an EXISTS of the same keys:
 * if that counts more of them, those that seem not to be there are read one by one.
 */
final class MultiRead extends Operation<List<byte @Nullable []>> {
  private static final int MIN_READS = 8;

  /** Few enough for the server to answer others in between. */
  private static final int MAX_READS = 100;

  private final List<StateOperation> reads;
  private final Operation<Long> existing;

  private MultiRead(Link link, List<StateOperation> reads) {
    super(link, CommandType.MGET, new ValueListOutput<>(link.codec()), keysOf(link, reads));
    this.reads = reads;
    this.existing =
        new Operation<>(
            link, CommandType.EXISTS, new IntegerOutput<>(link.codec()), keysOf(link, reads));
    stage()
        .whenComplete(
            (states, failure) ->
                existing
                    .stage()
                    .whenComplete((count, unknown) -> answer(states, count, failure, unknown)));
  }

  private static CommandArgs<String, byte[]> keysOf(Link link, List<StateOperation> reads) {
    return new CommandArgs<>(link.codec())
        .addKeys(reads.stream().map(StateOperation::key).toList());
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
      fail(Failures.of("MGET", odd, true, link().isClosed()), reads);
    } else {
      answer(states, count);
    }
  }

  private static void fail(StoreException failure, List<StateOperation> reads) {
    reads.forEach(read -> read.fail(failure));
  }

  private void answer(List<byte @Nullable []> states, long count) {
    boolean allSeen = states.stream().filter(Objects::nonNull).count() >= count;
    for (int i = 0; i < reads.size(); i++) {
      byte[] state = states.get(i);
      if (state != null || allSeen) {
        reads.get(i).succeed(isTooLong(state) ? StateOutput.FOREIGN : state);
      } else {
        link().send(reads.get(i));
      }
    }
  }

  private boolean isTooLong(byte @Nullable [] state) {
    return state != null && state.length > link().limit().maxBytes();
  }

  /** Returns the same operations in the same order, those joined that can be. */
  static List<? extends Operation<?>> joined(Link link, List<? extends Operation<?>> operations) {
    if (operations.size() < MIN_READS) {
      return operations;
    }
    List<Operation<?>> joined = new ArrayList<>();
    List<StateOperation> run = new ArrayList<>();
    for (Operation<?> operation : operations) {
      if (operation instanceof StateOperation read && read.isPlainRead()) {
        run.add(read);
        if (run.size() == MAX_READS) {
          end(run, link, joined);
        }
      } else {
        end(run, link, joined);
        joined.add(operation);
      }
    }
    end(run, link, joined);
    return joined;
  }

  private static void end(List<StateOperation> run, Link link, List<Operation<?>> joined) {
    if (run.size() < MIN_READS) {
      joined.addAll(run);
    } else {
      MultiRead all = new MultiRead(link, List.copyOf(run));
      joined.add(all.existing);
      joined.add(all);
    }
    run.clear();
  }
}
