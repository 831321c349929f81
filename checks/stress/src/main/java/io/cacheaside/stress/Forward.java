package io.cacheaside.stress;

import io.cacheaside.store.ChangeListener;
import java.util.function.Consumer;

/** Hands on which key has changed, and nothing else. */
record Forward(Consumer<String> changed) implements ChangeListener {
  @Override
  public void changed(String key) {
    changed.accept(key);
  }

  @Override
  public void allChanged(Cause cause) {}
}
