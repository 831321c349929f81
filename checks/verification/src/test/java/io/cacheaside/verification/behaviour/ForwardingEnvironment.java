package io.cacheaside.verification.behaviour;

import io.cacheaside.Environment;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/** Another environment, that of the system at first, for tests in which some of it fails. */
class ForwardingEnvironment implements Environment {
  private final Environment delegate;

  ForwardingEnvironment() {
    this(Environment.system());
  }

  ForwardingEnvironment(Environment delegate) {
    this.delegate = delegate;
  }

  @Override
  public long nanoTime() {
    return delegate.nanoTime();
  }

  @Override
  public Executor executor() {
    return delegate.executor();
  }

  @Override
  public @Nullable ExecutorService newBackgroundThreads(String cacheName) {
    return delegate.newBackgroundThreads(cacheName);
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    return delegate.schedule(delay, task);
  }

  @Override
  public double random() {
    return delegate.random();
  }

  @Override
  public void uniqueBytes(byte[] target) {
    delegate.uniqueBytes(target);
  }
}
