/**
 * Where entries are kept: the {@link io.cacheaside.store.Store} contract and the in-memory store. A
 * store knows keys, bytes and how to compare the first of them; the protocol is not its business.
 */
@NullMarked
package io.cacheaside.store;

import org.jspecify.annotations.NullMarked;
