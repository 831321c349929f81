package io.cacheaside.internal.read;

import java.util.List;
import java.util.stream.Stream;

/**
 * When everything that decides about an entry was read.
 *
 * @param key that of its key
 * @param tags those of the tags that it depends on
 */
public record ReadEpochs(Epoch key, List<Epoch> tags) {

  /** Returns these epochs with those of more tags. */
  ReadEpochs and(List<Epoch> more) {
    return new ReadEpochs(key, Stream.concat(tags.stream(), more.stream()).toList());
  }

  /** Returns whether every change of any of them will be heard of. */
  public boolean areWatched() {
    return key.feed() != null && tags.stream().allMatch(tag -> tag.feed() != null);
  }
}
