package io.cacheaside.verification.behaviour;

import java.util.HashSet;
import java.util.Set;

/** One way to run a test: a face of the cache on a kind of store. */
record Setup(Face face, Backend backend) {

  Set<String> tags() {
    Set<String> tags = new HashSet<>(backend.tags());
    if (face == Face.ASYNC) {
      tags.add("async");
    }
    return tags;
  }

  @Override
  public String toString() {
    return face + " on " + backend;
  }
}
