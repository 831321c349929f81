package io.cacheaside.internal.operation;

import io.cacheaside.internal.load.Load;
import io.cacheaside.internal.load.Refreshes;

/** The other reads of a call for many keys, as one of them knows them. */
interface OtherReads<K, V> {
  /** Takes a load to run it together with theirs; returns whether it does. */
  boolean take(Load<K, V> load);

  /** Takes a stale entry to refresh it together with theirs; returns whether it does. */
  boolean take(Refreshes.Stale<K> stale);

  /** Is told that the read of this key knows what it waits for; more than once perhaps. */
  void waits();
}
