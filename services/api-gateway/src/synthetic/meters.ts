import type { SiteId } from "@tagwire/messages";
import { meter } from "@tagwire/service";

/** `refused` and `failed` are answers of the API, the asker's fault and ours; `unseen` was recorded and came to no screen in time. */
export const scanOutcomes = ["seen", "refused", "failed", "unseen"] as const;
export type ScanOutcome = (typeof scanOutcomes)[number];

export type SyntheticMeters = {
  /** A site is tried from now on. */
  readonly begin: (site: SiteId) => void;
  readonly ended: (site: SiteId, outcome: ScanOutcome, seconds: number) => void;
  readonly close: () => void;
};

const bucketsSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts and times test scans, by the real site that they stand for. */
export const openSyntheticMeters = (): SyntheticMeters => {
  const instruments = meter();
  const seconds = instruments.createHistogram("tagwire_synthetic_scan_seconds", {
    unit: "s",
    description: "test scans, from the request to the frame that shows them",
    advice: { explicitBucketBoundaries: bucketsSeconds },
  });
  const scans = instruments.createCounter("tagwire_synthetic_scans", {
    description: "test scans, by how they ended",
  });
  const age = instruments.createObservableGauge("tagwire_synthetic_scan_last_success_age_seconds", {
    unit: "s",
    description: "how long ago a test scan was seen, or since it is tried",
  });
  const sinceMs = new Map<SiteId, number>();
  const observe: Parameters<typeof age.addCallback>[0] = (result) => {
    for (const [site, atMs] of sinceMs) result.observe((performance.now() - atMs) / 1_000, { site });
  };
  age.addCallback(observe);
  return {
    begin: (site) => {
      if (sinceMs.has(site)) return;
      sinceMs.set(site, performance.now());
      for (const outcome of scanOutcomes) scans.add(0, { site, outcome });
    },
    ended: (site, outcome, took) => {
      scans.add(1, { site, outcome });
      if (outcome !== "seen") return;
      sinceMs.set(site, performance.now());
      seconds.record(took, { site });
    },
    close: () => age.removeCallback(observe),
  };
};
