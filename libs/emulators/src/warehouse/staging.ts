import type { Random } from "../random.ts";
import type { ScanSessionAct, WarehouseScan } from "./acts.ts";
import { Planned } from "./planned.ts";
import { drawId } from "./quantities.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Goods are set aside for so long before they leave, at most. */
export const stagedAheadMsMax = 4 * hourMs;
const stagedAheadMsMin = 15 * minuteMs;
const uploadMs = { least: 20_000, most: 3 * minuteMs } as const;

/** In the books of the real house three things stood staged: few orders are set aside, and of those most things, and one too many. */
const chances = { staged: 0.12, each: 0.8, tooMany: 0.4 } as const;
/** So many of the things that were seen on their shelves last are remembered. */
const seenMax = 200;

const dayMs = 24 * hourMs;
const opensMs = 6 * hourMs;
const closesMs = 18 * hourMs;
/** Goods are set aside and put back on the day on which the others leave, while somebody is there. */
const isOnTheDay = (atMs: number, of: number): boolean =>
  Math.floor(atMs / dayMs) === Math.floor(of / dayMs) && atMs % dayMs >= opensMs && atMs % dayMs < closesMs;

const wholeSecond = (unixMs: number): number => Math.floor(unixMs / 1_000) * 1_000;

/** Sets aside, before a checkout, some of what leaves with it, and puts back afterwards what nobody needed. */
export class Staging {
  readonly #random: Random;
  readonly #planned = new Planned<ScanSessionAct>();
  readonly #seen: WarehouseScan[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  due(toMs: number): readonly ScanSessionAct[] {
    return this.#planned.due(toMs);
  }

  /** What was set aside for a checkout, if that is told after `fromMs`: what is older has been told already. */
  hear(act: ScanSessionAct, fromMs: number): ScanSessionAct | undefined {
    const random = this.#random;
    const { happenedAtMs, session, part, scans } = act;
    for (const scan of scans) if (scan.type === "touch" && scan.flaws.length === 0) this.#seen.push(scan);
    this.#seen.splice(0, Math.max(0, this.#seen.length - seenMax));
    const isCheckout = session.mode === "checkout" && scans.every(({ type }) => type === "rental");
    if (!isCheckout || part.of > 1 || session.contract === null || !random.chance(chances.staged))
      return undefined;
    const atMs = happenedAtMs - random.whole(stagedAheadMsMin, stagedAheadMsMax);
    if (atMs <= fromMs || !isOnTheDay(atMs, happenedAtMs)) return undefined;
    const own = scans.filter(({ flaws }) => flaws.length === 0 && random.chance(chances.each));
    const spare = random.chance(chances.tooMany) ? this.#seen.pop() : undefined;
    if (spare !== undefined) this.#putBack(act, spare);
    return this.#session(act, {
      atMs,
      type: "stage",
      scans: spare === undefined ? own : [...own, { ...spare, contract: session.contract }],
    });
  }

  #putBack(act: ScanSessionAct, scan: WarehouseScan): void {
    const atMs = act.happenedAtMs + this.#random.whole(stagedAheadMsMin, stagedAheadMsMax);
    if (!isOnTheDay(atMs, act.happenedAtMs)) return;
    const back = this.#session(
      { ...act, session: { ...act.session, mode: "return", contract: null } },
      { atMs, type: "return", scans: [{ ...scan, contract: null }] },
    );
    if (back !== undefined) this.#planned.add(back);
  }

  #session(
    { device, session }: ScanSessionAct,
    {
      atMs,
      type,
      scans: given,
    }: {
      readonly atMs: number;
      readonly type: "stage" | "return";
      readonly scans: readonly WarehouseScan[];
    },
  ): ScanSessionAct | undefined {
    if (given.length === 0) return undefined;
    const random = this.#random;
    const scans = given.map(
      ({ tag, contract }): WarehouseScan => ({
        ...{ id: drawId(random, atMs), tag, type, contract, scannedAtMs: wholeSecond(atMs) },
        ...{ place: null, quality: null, status: null, condition: null, flaws: [] },
      }),
    );
    return {
      ...{ kind: "scan-session", atMs: atMs + random.whole(uploadMs.least, uploadMs.most) },
      ...{ happenedAtMs: atMs, device, part: { number: 1, of: 1 }, scans },
      session: { ...session, id: drawId(random, atMs), scanCount: scans.length },
    };
  }
}
