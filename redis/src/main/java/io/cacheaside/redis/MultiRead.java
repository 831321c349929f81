package io.cacheaside.redis;

import io.cacheaside.store.StoreException;
import io.lettuce.core.output.ValueListOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One command for reads that follow each other, each of which gets its own answer from it, and all
 * the same failure.
 *
 * <p>MGET knows no keys of other types, and answers as if they were not there; what is then to be
 * stored there is told otherwise.
 */
final class MultiRead extends Operation<List<byte @Nullable []>> {
  private static final int MIN_READS = 8;

  /** Few enough for the server to answer others in between. */
  private static final int MAX_READS = 100;

  private final List<StateOperation> reads;

  private MultiRead(Link link, List<StateOperation> reads) {
    super(link, CommandType.MGET, new ValueListOutput<>(link.codec()), keysOf(link, reads));
    this.reads = reads;
    stage().whenComplete(this::answer);
  }

  private static CommandArgs<String, byte[]> keysOf(Link link, List<StateOperation> reads) {
    return new CommandArgs<>(link.codec())
        .addKeys(reads.stream().map(StateOperation::key).toList());
  }

  private void answer(@Nullable List<byte @Nullable []> states, @Nullable Throwable failure) {
    for (int i = 0; i < reads.size(); i++) {
      if (failure != null) {
        reads.get(i).fail((StoreException) failure);
      } else if (states != null) {
        reads.get(i).succeed(states.get(i));
      }
    }
  }

  /** Returns the same operations in the same order, those joined that can be. */
  static List<Operation<?>> joined(Link link, List<? extends Operation<?>> operations) {
    List<Operation<?>> joined = new ArrayList<>(operations.size());
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
      joined.add(new MultiRead(link, List.copyOf(run)));
    }
    run.clear();
  }
}
