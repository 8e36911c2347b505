import {
  brokenSums,
  clockSkewMsMax,
  type DeviceLedger,
  type KeptReport,
  type Reader,
} from "@tagwire/messages";
import { explainedGaps } from "./lost-devices.ts";
import type { Sighting } from "./sighting.ts";

const ledgerOpen = (entity: "reader" | "device", key: string, detail: string): Sighting => ({
  ...{ code: "ledger_open", entity, key, evidence: { detail }, isCertain: true },
});

/** Offsets jitter: a clock that is as far off as before is the same trouble. Told to the half minute. */
const skewStepMs = 30_000;

const skewed = (key: string, offsetMs: number | null | undefined): Sighting[] => {
  if (offsetMs == null || Math.abs(offsetMs) <= clockSkewMsMax) return [];
  const seconds = (Math.round(Math.abs(offsetMs) / skewStepMs) * skewStepMs) / 1_000;
  const detail = `about ${seconds} s ${offsetMs > 0 ? "ahead" : "behind"}, as measured`;
  return [{ code: "clock_skew", entity: "clock", key, evidence: { detail }, isCertain: true }];
};

/**
 * Readers of which what was read is not what became of it, or whose clock is off. A ledger is told at one instant, so it adds up at any.
 */
export const openLedgers = (
  readers: readonly Pick<Reader, "id" | "counts" | "clockOffsetMs">[],
): Sighting[] =>
  readers.flatMap(({ id, counts, clockOffsetMs }) => {
    const broken = brokenSums(counts);
    const open =
      broken.length === 0 ? [] : [ledgerOpen("reader", id, `does not add up: ${broken.join(", ")}`)];
    return [...open, ...skewed(id, clockOffsetMs)];
  });

const toldForMs = 3_600_000;

const gapText = (missing: number, gaps: DeviceLedger["gaps"]): string => {
  const told = gaps.map(({ from, to }) => (from === to ? String(from) : `${from} to ${to}`));
  return `${missing} of its scans never came: ${told.join(", ")}`;
};

/** The stretches of which not every scan was discarded on the device. */
const unexplained = (gaps: DeviceLedger["gaps"], discarded: ReadonlySet<number>): DeviceLedger["gaps"] =>
  gaps.filter(({ from, to }) => {
    if (to - from >= discarded.size) return true;
    for (let seq = from; seq <= to; seq += 1) if (!discarded.has(seq)) return true;
    return false;
  });

/** Devices of which scans never came, or came twice under one number, whose sums do not add up, or whose clock is off. */
export const openDeviceLedgers = (
  ledgers: readonly DeviceLedger[],
  at: string,
  reports: readonly KeptReport[] = [],
): Sighting[] =>
  ledgers.flatMap((ledger) => {
    const { device, received, accepted, alreadyApplied, rejected, quarantined, reusedAt } = ledger;
    const { waiting, discarded, isLost } = explainedGaps(ledger, reports, at);
    const missing = ledger.missing - [...discarded].filter((seq) => seq < ledger.counted).length;
    const sightings: Sighting[] = [];
    if (received !== accepted + alreadyApplied + rejected + quarantined)
      sightings.push(ledgerOpen("device", device, `${received} received, and not as many decided`));
    // What is on its way, and is overtaken, has come by the next audit.
    if (missing > waiting && !isLost)
      sightings.push({
        ...{ code: "read_gap", entity: "device", key: device, isCertain: false },
        evidence: { detail: gapText(missing, unexplained(ledger.gaps, discarded)) },
      });
    // It cannot be undone: what is told is that it happens, and not that it did once.
    if (reusedAt !== null && Date.parse(at) - Date.parse(reusedAt) < toldForMs)
      sightings.push({
        ...{ code: "sequence_reused", entity: "device", key: device, isCertain: true },
        evidence: { detail: `in all ${ledger.reused} times` },
      });
    return [...sightings, ...skewed(device, ledger.clockOffsetMs)];
  });
