package io.cacheaside.redis;

import io.lettuce.core.ClientOptions;

/**
 * Lettuce's answer to announced maintenance, which is there from 7.0 on and on by default: it moves
 * connections and prolongs timeouts. A store has deadlines of its own and connects again by itself.
 *
 * <p>The jar is compiled against a Lettuce without that option, so it is looked up when a store is
 * created.
 */
final class MaintNotifications {
  private MaintNotifications() {}

  /** Switches it off where it is there. */
  static void disable(ClientOptions.Builder options) {
    try {
      Class<?> config = Class.forName("io.lettuce.core.MaintNotificationsConfig");
      Object disabled = config.getMethod("disabled").invoke(null);
      ClientOptions.Builder.class
          .getMethod("maintNotificationsConfig", config)
          .invoke(options, disabled);
    } catch (ClassNotFoundException e) {
      // Lettuce 6: there is nothing to switch off.
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("The option for maintenance notifications cannot be set", e);
    }
  }
}
