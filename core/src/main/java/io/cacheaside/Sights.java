package io.cacheaside;

import java.util.List;
import java.util.stream.Stream;

/**
 * When everything that decides about an entry was read.
 *
 * @param key the sight of its key
 * @param tags the sights of the tags that it depends on
 */
record Sights(Sight key, List<Sight> tags) {

  /** Returns these sights with those of more tags. */
  Sights and(List<Sight> more) {
    return new Sights(key, Stream.concat(tags.stream(), more.stream()).toList());
  }

  /** Returns whether every change of any of them will be heard of. */
  boolean areWatched() {
    return key.feed() != null && tags.stream().allMatch(tag -> tag.feed() != null);
  }
}
