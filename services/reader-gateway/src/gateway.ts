import { claimLeases, type Leases } from "@tagwire/actor";
import { openAnswers } from "./answers/answers.ts";
import { type Floor, type FloorOptions, openFloor } from "./floor/floor.ts";

export type GatewayOptions = FloorOptions & {
  /** Names this process among all replicas; never used twice. */
  readonly owner: string;
  readonly leaseTtlMs?: number;
};

export type Gateway = { readonly floor: Floor; readonly leases: Leases; readonly stop: () => Promise<void> };

/**
 * The whole of it, given a bus and a store: leases decide which partitions are ours, the floor runs their readers, and the
 * answers are given for them.
 */
export const openGateway = async (options: GatewayOptions): Promise<Gateway> => {
  const { bus, sql, log } = options;
  const floor = openFloor(options);
  const answers = openAnswers(bus, floor, options.recordings);
  const leases = await claimLeases({
    sql,
    owner: options.owner,
    log,
    ...(options.leaseTtlMs === undefined ? {} : { ttlMs: options.leaseTtlMs }),
    // Leases are renewed in the same loop, so loading readers must not hold it up.
    gained: (partition, epoch) => {
      void floor.take(partition, epoch);
      answers.own(partition);
    },
    lost: async (partition) => {
      answers.disown(partition);
      await floor.leave(partition);
    },
  });
  return {
    floor,
    leases,
    stop: async () => {
      // All readers stop at once; the leases are given back when nothing runs any more, and only then do saves end.
      await floor.leaveAll();
      await leases.stop();
      await answers.stop();
      await floor.stop();
    },
  };
};
