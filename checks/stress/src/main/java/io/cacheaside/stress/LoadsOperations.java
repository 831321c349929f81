package io.cacheaside.stress;

import io.cacheaside.internal.entry.EntryId;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.load.Load;
import io.cacheaside.internal.load.Loads;
import java.util.List;
import java.util.stream.IntStream;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/** Which loads can be joined: refreshes of an entry, and loads of a key without a lease. */
@Param(name = "load", gen = IntGen.class, conf = "0:2")
@Param(name = "joins", gen = IntGen.class, conf = "0:1")
public final class LoadsOperations {
  private static final Rooms ROOMS = new Rooms(new StillEnvironment());
  private static final EntryKey<String> KEY = ROOMS.key;

  /** The same object each time: under model checking, equal records have different hash codes. */
  private static final EntryId ENTRY = new EntryId(0, 1);

  private final Loads<String, String> loads = ROOMS.newLoads();
  private final List<Load<String, String>> refreshes =
      IntStream.range(0, 3).mapToObj(i -> loads.create(KEY, ROOMS.refreshOf(ENTRY))).toList();
  private final List<Load<String, String>> unleased =
      IntStream.range(0, 3).mapToObj(i -> loads.create(KEY, null)).toList();

  /** Returns the load that is found instead, if any. */
  @Operation(params = "load")
  public int announceOrFind(int load) {
    Load<String, String> mine = refreshes.get(load);
    return refreshes.indexOf(loads.announceOrFind(mine));
  }

  @Operation
  public int find() {
    return refreshes.indexOf(loads.find(ENTRY));
  }

  @Operation(params = "load")
  public void refreshed(int load) {
    refreshes.get(load).forget();
  }

  /** Returns who runs and who waits after a reader entered, who may have to come before a load. */
  @Operation(params = {"load", "joins"})
  public String enter(int load, int joins) {
    Loads.Turns<String, String> turns = loads.enter(unleased.get(load), joins == 0 ? 0 : -1);
    return unleased.indexOf(turns.running()) + " " + unleased.indexOf(turns.waiting());
  }

  @Operation(params = "load")
  public void ended(int load) {
    unleased.get(load).forget();
  }
}
