import { type PrefetchArm, prefetchArms } from "@tagwire/messages";
import { meter } from "@tagwire/service";
import type { LookedUp } from "./tally.ts";

export type PrefetchMeters = {
  readonly looked: (scan: LookedUp) => void;
  readonly settled: (arm: PrefetchArm, result: "used" | "unused", count: number, bytes: number) => void;
};

/** What became of what devices were handed, as it is counted. */
export const openPrefetchMeters = (): PrefetchMeters => {
  const instruments = meter();
  const lookups = instruments.createCounter("tagwire_prefetch_lookups", {
    description:
      "Scans of known items by devices that hold a set, by whether the device held the item as it was, and by the source that named it: recents where they did, none where the device did not hold it",
  });
  const settled = instruments.createCounter("tagwire_prefetch_settled_items", {
    description: "Items handed to devices whose time is over, by whether the device scanned them",
  });
  const waste = instruments.createCounter("tagwire_prefetch_waste_bytes", {
    description: "Bytes of items handed to devices that were not scanned there in time",
    unit: "By",
  });
  for (const arm of prefetchArms) {
    lookups.add(0, { arm, result: "miss", source: "none" });
    for (const result of ["used", "unused"]) settled.add(0, { arm, result });
    waste.add(0, { arm });
  }
  return {
    looked: ({ arm, result, source = "none" }) => lookups.add(1, { arm, result, source }),
    settled: (arm, result, count, bytes) => {
      settled.add(count, { arm, result });
      if (result === "unused") waste.add(bytes, { arm });
    },
  };
};

/** What devices tell of their scans, as it is told. Whichever manager is asked counts. */
export const openReportMeters = (): { readonly named: (hit: boolean, seconds: number) => void } => {
  const seconds = meter().createHistogram("tagwire_prefetch_scan_to_name_seconds", {
    unit: "s",
    description: "From a scan to a name on the screen, as devices tell, by whether the device held the item",
    advice: { explicitBucketBoundaries: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] },
  });
  return { named: (hit, took) => seconds.record(took, { hit }) };
};
