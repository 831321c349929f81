package io.cacheaside.redis;

import io.cacheaside.store.StoreException;
import org.jspecify.annotations.Nullable;

/**
 * Says why a {@link RedisStore} could not be connected: the server refused the credentials, a
 * permission is missing, the server is too old, or TLS failed; with {@link
 * RedisStoreBuilder#failFast fail-fast}, also that the server cannot be reached now or that its
 * host is unknown.
 *
 * <p>The message names the address and the property to look at, never a secret. Nothing of the
 * store that was being connected is left running.
 */
public final class RedisConnectException extends StoreException {
  private static final long serialVersionUID = 1L;

  RedisConnectException(Reason reason, String message, @Nullable Throwable cause) {
    super(reason, message, cause);
  }
}
