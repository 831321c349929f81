/**
 * The right to store a value. A lease is a state that a load puts where nothing is: the store
 * grants it to the first that asks ({@code Leases}), or beside an entry that is refreshed ({@code
 * RefreshClaims}). A grant names the state that the result replaces; {@code Filler} replaces
 * exactly that state, or stores nothing.
 */
@NullMarked
package io.cacheaside.internal.lease;

import org.jspecify.annotations.NullMarked;
