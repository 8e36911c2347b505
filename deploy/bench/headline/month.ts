import {
  createMonth,
  type MonthAct,
  type ScanSessionAct,
  type Warehouse,
  type WarehouseScan,
} from "@tagwire/emulators";
import { normaliseTag } from "@tagwire/messages";

/** Other letters than those of the other houses of the bench: one EPC is on one thing, whichever site it is at. */
const firm = "TWM";
/** Whoever is further from their upload than this was out of reach: an old scanner hands in when it is asked to, within minutes. */
export const outOfReachMs = 900_000;
const futureClockMs = 3_600_000;

/** One scan as it was really made. `turn` is its place in the order in which everything happened. */
export type TrueScan = {
  readonly id: string;
  readonly tag: string;
  readonly atMs: number;
  readonly turn: number;
  /** The status that it states; undefined where it leaves the thing as it is. */
  readonly states: string | undefined;
};

/** An upload with the two ways in which it is handed in: by an old scanner, and by a page that is in reach unless the device is not. */
export type Upload = {
  readonly act: ScanSessionAct;
  readonly scans: readonly TrueScan[];
  readonly oldAtMs: number;
  readonly webAtMs: number;
  /** How far the clock of its device is ahead, in ms. */
  readonly clockErrorMs: number;
  /** The device heard no answer and sends all of it once more. */
  readonly again: boolean;
};

export type HeadlineMonth = {
  readonly warehouse: Warehouse;
  readonly startMs: number;
  readonly uploads: readonly Upload[];
  /** What the office does at once, whichever way scans take: contracts are opened and closed. */
  readonly office: readonly Extract<MonthAct, { kind: "contract-opened" | "contract-closed" }>[];
  /** Each scan once, in the order in which they happened. */
  readonly scans: readonly TrueScan[];
  /** When it is over, for both ways: what has not come by then never comes. */
  readonly endMs: number;
};

/** Both ways go on for so long after the last upload. */
const patienceMs = 86_400_000;

/** When a month is over whose uploads are handed in so. */
export const monthEndMs = (
  uploads: readonly Pick<Upload, "oldAtMs" | "webAtMs">[],
  startMs: number,
): number =>
  uploads.reduce((endMs, { oldAtMs, webAtMs }) => Math.max(endMs, oldAtMs, webAtMs), startMs) + patienceMs;

export type HeadlineOptions = {
  readonly seed: string;
  readonly startMs: number;
  readonly items: number;
  readonly days: number;
};

/** Where goods of such a condition go: the worst sign wins, whoever writes it down. */
const statusAfterReturn = ({ condition }: WarehouseScan): string => {
  if (condition === null) return "ready";
  if (condition.rip || condition.grommet) return "repair";
  if (condition.dirty || condition.leaves || condition.mold || condition.stain) return "wash";
  return condition.wet ? "wet" : "ready";
};

/** What a scan says of the status of its thing. A touch says that it is there, and no more. */
const statedBy = (scan: WarehouseScan): string | undefined => {
  switch (scan.type) {
    case "rental":
      return "on_rent";
    case "delivery":
      return "delivered";
    case "stage":
      return "staged";
    case "return":
    case "pickup":
      return statusAfterReturn(scan);
    case "service":
      return scan.status ?? undefined;
    case "touch":
      return undefined;
  }
};

const clockErrorOf = ({ scans }: ScanSessionAct): number =>
  scans.some(({ flaws }) => flaws.includes("future_clock")) ? futureClockMs : 0;

type Sketch = Omit<Upload, "scans"> & { readonly made: readonly Omit<TrueScan, "turn">[] };

const sketchOf = (act: ScanSessionAct): Sketch => {
  const clockErrorMs = clockErrorOf(act);
  const isInReach = act.atMs - act.happenedAtMs < outOfReachMs;
  return {
    ...{ act, clockErrorMs, oldAtMs: act.atMs, again: false },
    webAtMs: isInReach ? act.happenedAtMs : act.atMs,
    made: act.scans.map((scan) => ({
      ...{ id: scan.id, tag: normaliseTag(scan.tag) ?? scan.tag },
      ...{ atMs: scan.scannedAtMs - clockErrorMs, states: statedBy(scan) },
    })),
  };
};

const repeatOf = (act: Extract<MonthAct, { kind: "upload-repeated" }>): Sketch => {
  const first = sketchOf(act.upload);
  return { ...first, oldAtMs: act.atMs, webAtMs: first.webAtMs + act.atMs - act.upload.atMs, again: true };
};

/**
 * A month of the house by its scans, with what really happened beside it. Left out on both sides are edits, undo, new labels and files: the
 * old way knows none of them, so that nothing could be compared.
 */
export const headlineMonth = ({ seed, startMs, items, days }: HeadlineOptions): HeadlineMonth => {
  const { warehouse, acts } = createMonth({ seed, startMs, items, days, firm });
  const sketches: Sketch[] = [];
  const office: HeadlineMonth["office"][number][] = [];
  for (const act of acts) {
    if (act.kind === "scan-session" && act.scans.length > 0) sketches.push(sketchOf(act));
    if (act.kind === "upload-repeated") sketches.push(repeatOf(act));
    if (act.kind === "contract-opened" || act.kind === "contract-closed") office.push(act);
  }
  const made = sketches.filter(({ again }) => !again).flatMap((one) => one.made);
  const scans = [...new Map(made.map((scan) => [scan.id, scan])).values()]
    .toSorted((a, b) => a.atMs - b.atMs)
    .map((scan, turn) => ({ ...scan, turn }));
  const byId = new Map(scans.map((scan) => [scan.id, scan]));
  const uploads = sketches.map(({ made: own, ...sketch }) => ({
    ...sketch,
    scans: own.flatMap(({ id }) => byId.get(id) ?? []),
  }));
  return { warehouse, startMs, uploads, office, scans, endMs: monthEndMs(uploads, startMs) };
};
