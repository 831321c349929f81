package io.cacheaside.verification.behaviour;

import java.util.Set;

/** One way to run a test: a face of the cache on a kind of store. */
record Setup(Face face, Backend backend) {

  Set<String> tags() {
    return face == Face.ASYNC ? Set.of(backend.tag(), "async") : Set.of(backend.tag());
  }

  @Override
  public String toString() {
    return face + " on " + backend;
  }
}
