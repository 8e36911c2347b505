import type { PrefetchArm } from "@tagwire/messages";
import { meter } from "@tagwire/service";

export type PrefetchMeters = {
  readonly looked: (arm: PrefetchArm, result: "hit" | "stale" | "miss", count: number) => void;
  readonly settled: (arm: PrefetchArm, result: "used" | "unused", count: number, bytes: number) => void;
};

/** What became of what devices were handed, as it is counted. */
export const openPrefetchMeters = (): PrefetchMeters => {
  const instruments = meter();
  const lookups = instruments.createCounter("tagwire_prefetch_lookups", {
    description:
      "Scans of known items by devices that hold a set, by whether the device held the item as it was",
  });
  const settled = instruments.createCounter("tagwire_prefetch_settled_items", {
    description: "Items handed to devices whose time is over, by whether the device scanned them",
  });
  const waste = instruments.createCounter("tagwire_prefetch_waste", {
    description: "Bytes of items handed to devices that were not scanned there in time",
    unit: "By",
  });
  return {
    looked: (arm, result, count) => lookups.add(count, { arm, result }),
    settled: (arm, result, count, bytes) => {
      settled.add(count, { arm, result });
      if (result === "unused") waste.add(bytes, { arm });
    },
  };
};
