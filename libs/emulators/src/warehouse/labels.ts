import type { Random } from "../random.ts";
import type { ScanSessionAct, WarehouseAct } from "./acts.ts";
import type { DeskAct } from "./desk-acts.ts";
import type { OfficeAct } from "./office.ts";
import { Planned } from "./planned.ts";
import { drawId } from "./quantities.ts";
import { drawTag } from "./tags.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/**
 * Labels wear off, goods are sold or thrown away, and tags of other houses are put aside: all of it is in the books of the real house,
 * and of none it is known how often. Each has to happen in a month.
 */
const chances = {
  retagged: 0.03,
  ended: 0.012,
  dismissed: 0.06,
  printed: 0.8,
  /** An old label that is still on the thing, and is read. */
  oldLabel: 0.05,
} as const;

const reasons = ["a tag of another house", "mis-keyed", "a test"];
const endings = [
  ["retired", 5],
  ["sold", 3],
  ["missing", 2],
] as const;
/** Tags that are put on later are unlike all that were there from the start. */
const firstIndex = 20_000_000;

/** What happens to tags: they are printed, exchanged and put aside, and things end. */
export class Labels {
  readonly #random: Random;
  readonly #readAheadMs: number;
  readonly #planned = new Planned<DeskAct>();
  /** By the tag that a thing had, the one that it has from an instant on. */
  readonly #exchanged = new Map<string, { readonly to: string; readonly fromMs: number }>();
  readonly #strangers = new Set<string>();
  #made = 0;

  /** `readAheadMs`: how far before its time an act may be heard; what is planned because of it comes later than that. */
  constructor(random: Random, { readAheadMs }: { readonly readAheadMs: number }) {
    this.#random = random;
    this.#readAheadMs = readAheadMs;
  }

  due(toMs: number): readonly DeskAct[] {
    return this.#planned.due(toMs);
  }

  /** An act of the house with the tags that things carry when it happens. */
  hear<A extends WarehouseAct>(act: A): A {
    if (act.kind !== "scan-session") return act;
    const read = this.#asLabelled(act);
    this.#follow(read);
    return read as A;
  }

  hearOffice(act: OfficeAct): void {
    if (act.kind !== "tags-provisioned" || !this.#random.chance(chances.printed)) return;
    const atMs = act.atMs + this.#random.whole(10 * minuteMs, 5 * hourMs);
    this.#planned.add({ kind: "tags-printed", atMs, id: drawId(this.#random, atMs), made: act.id });
  }

  #later(atMs: number): { readonly atMs: number; readonly id: string } {
    const at = atMs + this.#readAheadMs + this.#random.whole(hourMs, 2 * dayMs);
    return { atMs: at, id: drawId(this.#random, at) };
  }

  #asLabelled(act: ScanSessionAct): ScanSessionAct {
    const nowOf = (tag: string): string => {
      const next = this.#exchanged.get(tag);
      return next === undefined || act.happenedAtMs < next.fromMs ? tag : nowOf(next.to);
    };
    const scans = act.scans.map((scan) => {
      const tag = nowOf(scan.tag);
      return tag === scan.tag || this.#random.chance(chances.oldLabel) ? scan : { ...scan, tag };
    });
    return { ...act, scans: asOneBody(scans) };
  }

  #follow({ atMs, scans }: ScanSessionAct): void {
    const random = this.#random;
    for (const { tag, flaws } of scans) {
      if (!flaws.includes("unknown_tag") || this.#strangers.has(tag)) continue;
      if (!random.chance(chances.dismissed)) continue;
      this.#strangers.add(tag);
      this.#planned.add({ kind: "held-dismissed", ...this.#later(atMs), tag, reason: random.pick(reasons) });
    }
    const [first] = scans;
    const last = scans.at(-1);
    if (first === undefined || last === undefined || first.flaws.length > 0) return;
    if (random.chance(chances.retagged)) this.#exchange(first.tag, atMs);
    if (last.flaws.length === 0 && random.chance(chances.ended))
      this.#planned.add({
        ...{ kind: "item-ended", ...this.#later(atMs) },
        ...{ tag: last.tag, status: random.weighted(endings) },
      });
  }

  #exchange(tag: string, atMs: number): void {
    if (this.#exchanged.has(tag)) return;
    this.#made += 1;
    const to = drawTag(this.#random, firstIndex + this.#made).epc;
    const at = this.#later(atMs);
    this.#exchanged.set(tag, { to, fromMs: at.atMs });
    this.#planned.add({ kind: "item-retagged", ...at, tag, to });
  }
}

/** A scan that is sent again is the same scan, whichever label was read. */
const asOneBody = (scans: ScanSessionAct["scans"]): ScanSessionAct["scans"] => {
  const first = new Map<string, string>();
  return scans.map((scan) => {
    const tag = first.get(scan.id) ?? scan.tag;
    first.set(scan.id, tag);
    return tag === scan.tag ? scan : { ...scan, tag };
  });
};
