import type { Random } from "../random.ts";
import { openUploadTimes } from "../upload-delay.ts";
import type { ScanFlaw, ScanSessionAct, SessionMode, WarehouseScan } from "./acts.ts";
import { drawId } from "./quantities.ts";
import { drawDevice } from "./stations.ts";

/**
 * How often things go wrong, as measured on 26,574 real scans: 705 duplicates of 524 scans, 163 of which the very same row;
 * 974 scans of 200 tags that nobody knows; 1,449 scans one hour ahead.
 */
const shares = {
  duplicate: 524 / 26_574,
  duplicateIsResent: 163 / 524,
  unknownTag: 974 / 26_574,
  futureClock: 1_449 / 26_574,
  oddContract: 0.003,
  /** Nearly all sessions carry one and the same second on every row. */
  oneSecond: 0.95,
  inParts: 0.02,
} as const;

/** How many copies besides the first: four of one scan at most, 705 of 524 altogether. */
const copies: readonly (readonly [number, number])[] = [
  [1, 392],
  [2, 83],
  [3, 49],
];

const clockErrorMs = 3_600_000;
const scanGapMs = 1_500;
const duplicateGapMs = 4_000;
const oddContracts = ["Test", "Ltest"];

/** A session as it happened, before device and network had their part in it. */
export type TrueSession = {
  readonly atMs: number;
  readonly mode: SessionMode;
  readonly contract: string | null;
  readonly place: string | null;
  /** Counted with a reader, which tells what it found in the same second, however much. */
  readonly swept?: true;
  readonly scans: readonly Omit<WarehouseScan, "id" | "scannedAtMs">[];
};

const wholeSecond = (unixMs: number): number => Math.floor(unixMs / 1000) * 1000;

/** Turns what happened into what is uploaded: device clocks, duplicates, tags that nobody knows, delays, parts. */
export class Uploads {
  readonly #random: Random;
  readonly #unknownTags: readonly string[];
  readonly #times: ReturnType<typeof openUploadTimes>;

  constructor(random: Random, speed: number, unknownTags: readonly string[]) {
    this.#random = random;
    this.#unknownTags = unknownTags;
    this.#times = openUploadTimes(random.fork("times"), speed);
  }

  upload(happened: TrueSession): ScanSessionAct[] {
    const random = this.#random;
    const device = drawDevice(random, happened.mode);
    const id = drawId(random, happened.atMs);
    const contract = this.#keyed(happened.contract);
    const scans = this.#spoil(this.#stamp(happened, contract));
    const session = { id, mode: happened.mode, contract, place: happened.place, scanCount: scans.length };
    const wanted = random.chance(shares.inParts) ? random.whole(2, 3) : 1;
    const size = Math.max(1, Math.ceil(scans.length / wanted));
    const of = Math.max(1, Math.ceil(scans.length / size));
    const acts: ScanSessionAct[] = [];
    for (let number = 1; number <= of; number += 1) {
      const part = scans.slice((number - 1) * size, number * size);
      const atMs = this.#times.of(happened.atMs);
      acts.push({
        kind: "scan-session",
        atMs,
        happenedAtMs: happened.atMs,
        device,
        session,
        part: { number, of },
        scans: part,
      });
    }
    return acts;
  }

  #keyed(contract: string | null): string | null {
    if (contract === null || !this.#random.chance(shares.oddContract)) return contract;
    return this.#random.pick([...oddContracts, `${contract}%`]);
  }

  #stamp(happened: TrueSession, contract: string | null): WarehouseScan[] {
    const random = this.#random;
    const errorMs = random.chance(shares.futureClock) ? clockErrorMs : 0;
    const flaws: ScanFlaw[] = errorMs > 0 ? ["future_clock"] : [];
    if (contract !== happened.contract) flaws.push("odd_contract");
    const isOneSecond = random.chance(shares.oneSecond) || happened.swept === true;
    const gapMs = isOneSecond ? 0 : scanGapMs;
    return happened.scans.map((scan, index) => ({
      ...scan,
      id: drawId(random, happened.atMs),
      contract: scan.contract === null ? null : contract,
      scannedAtMs: wholeSecond(happened.atMs + index * gapMs) + errorMs,
      flaws: [...scan.flaws, ...flaws],
    }));
  }

  #spoil(scans: readonly WarehouseScan[]): WarehouseScan[] {
    const random = this.#random;
    return scans.flatMap((scan) => {
      const unknown = random.chance(shares.unknownTag) ? random.pick(this.#unknownTags) : undefined;
      const flaws: readonly ScanFlaw[] = unknown === undefined ? scan.flaws : [...scan.flaws, "unknown_tag"];
      const heard: WarehouseScan = { ...scan, tag: unknown ?? scan.tag, flaws };
      return random.chance(shares.duplicate) ? [heard, ...this.#again(heard)] : [heard];
    });
  }

  /** The very same row once more, or the same tag scanned again: whatever it was, it happens up to three times. */
  #again(scan: WarehouseScan): WarehouseScan[] {
    const isResent = this.#random.chance(shares.duplicateIsResent);
    return Array.from({ length: this.#random.weighted(copies) }, () => {
      if (isResent) return { ...scan, flaws: [...scan.flaws, "resent"] };
      const id = drawId(this.#random, scan.scannedAtMs + duplicateGapMs);
      return { ...scan, id, flaws: [...scan.flaws, "scanned_twice"] };
    });
  }
}
