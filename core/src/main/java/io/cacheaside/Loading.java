package io.cacheaside;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One call of a loader: what it asks and decides, until its answer is there. */
final class Loading<K, V> implements LoadContext<V> {
  private final Engine<K, V> engine;
  private final Load<K, V> load;
  private final Set<String> tags = new LinkedHashSet<>();
  private @Nullable V oldValue;
  private boolean oldValueDecoded;
  private @Nullable Duration ttl;
  private boolean storable = true;
  private boolean notModified;
  private @Nullable String failure;

  Loading(Engine<K, V> engine, Load<K, V> load) {
    this.engine = engine;
    this.load = load;
  }

  @Override
  public Optional<V> oldValue() {
    Entry old = load.replaced();
    if (!oldValueDecoded && old != null && old.is(Entry.Kind.VALUE)) {
      oldValue = engine.looks.decodeOrNull(load.key(), old);
    }
    oldValueDecoded = true;
    return Optional.ofNullable(oldValue);
  }

  @Override
  public Optional<Duration> oldValueAge() {
    return oldValue().isEmpty() ? Optional.empty() : Optional.ofNullable(load.replacedAge());
  }

  @Override
  public Duration remainingTime() {
    return load.remainingTime();
  }

  @Override
  public boolean isCancelled() {
    return load.isEnded();
  }

  @Override
  public void onCancel(Runnable action) {
    load.onCancel(Objects.requireNonNull(action, "action"));
  }

  @Override
  public void ttl(Duration wanted) {
    ttl = Objects.requireNonNull(wanted, "ttl");
  }

  @Override
  public void tags(String... more) {
    Set<String> all = new LinkedHashSet<>(tags);
    all.addAll(List.of(more));
    engine.tags.checkNamed(all);
    tags.addAll(all);
  }

  @Override
  public void doNotCache() {
    storable = false;
  }

  @Override
  public V notModified() {
    V old =
        oldValue()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "there is no old value; return what the source has instead"));
    notModified = true;
    return old;
  }

  @Override
  public @Nullable V fail(String reason) {
    failure = Objects.requireNonNull(reason, "reason");
    return null;
  }

  /** Returns what the loader answered together with what it decided. */
  Loaded<V> answered(@Nullable V value) {
    if (failure != null) {
      throw engine.failures.load(load.key(), failure);
    }
    boolean same = notModified && value != null && value == oldValue;
    return new Loaded<>(value, ttl, Set.copyOf(tags), storable, same);
  }
}
