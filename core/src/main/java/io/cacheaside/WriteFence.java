package io.cacheaside;

/**
 * A fence around a write to the source in two steps: put up before the commit by {@link
 * CacheAside#fence}, and ended after it.
 *
 * <pre>{@code
 * try (WriteFence fence = users.fence("42")) {
 *   transaction.commit();
 *   fence.invalidate();
 * }
 * }</pre>
 *
 * <p>While it is up the key holds no value, and loads are served but not cached, in all processes.
 * So if the writer dies between its commit and the invalidation, no value from before the commit
 * stays. It ends by itself after the {@linkplain CacheAsideBuilder#fenceTime fence time}; a fence
 * that has ended by itself, or was lost with the store, takes nothing from the guarantee of {@link
 * #invalidate}.
 *
 * <p>Thread-safe; the methods block until the store has answered. Only the first of them has an
 * effect. Where two fenced writes of a key overlap, the fence of the one that ends later stays.
 */
public interface WriteFence extends AutoCloseable {

  /**
   * Ends the fence after the commit and invalidates the key, as {@link CacheAside#invalidate} does.
   *
   * @throws InvalidationFailedException if the store did not confirm it
   */
  void invalidate();

  /**
   * Ends the fence after a rollback: nothing was written. If the store fails, which is counted and
   * told to the listener, the fence ends by itself.
   */
  void lift();

  /**
   * Invalidates the key unless the fence was ended: nobody has said what became of the write.
   *
   * @throws InvalidationFailedException if the store did not confirm it
   */
  @Override
  void close();
}
