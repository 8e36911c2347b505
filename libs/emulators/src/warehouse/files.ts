import type { Random } from "../random.ts";
import type { WarehouseAct } from "./acts.ts";
import type { ItemClass } from "./classes.ts";
import type { DeskAct, FileRow } from "./desk-acts.ts";
import { Planned } from "./planned.ts";
import { drawId } from "./quantities.ts";
import { drawTag } from "./tags.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Things that come by a file are unlike all that were there from the start, or got another tag. */
const firstIndex = 40_000_000;
const fileHourMs = 7 * hourMs;
/** The point of sale is known to send its files once or twice a week: on Tuesdays and Fridays here. */
const fileDays: readonly number[] = [2, 5];
const fileRows = { least: 30, most: 120 } as const;
const newRowsMax = 5;
const fileChances = { quality: 0.15, place: 0.06, status: 0.04, stranger: 0.5, sentTwice: 0.3 } as const;
/** So many of the tags that nobody knows are remembered for the next file. */
const strangersMax = 50;

type Stock = readonly { readonly tag: string; readonly name: string; readonly place: string | null }[];

/** Files from the point of sale: mostly what is known, some of it otherwise, and a few things that are new. */
export class Files {
  readonly #random: Random;
  readonly #stock: Stock;
  readonly #classes: readonly ItemClass[];
  readonly #planned = new Planned<DeskAct>();
  readonly #strangers: string[] = [];
  #plannedToMs: number;
  #made = 0;

  constructor(random: Random, stock: Stock, classes: readonly ItemClass[], startMs: number) {
    this.#random = random;
    this.#stock = stock;
    this.#classes = classes;
    this.#plannedToMs = startMs;
  }

  hear(act: WarehouseAct): void {
    if (act.kind !== "scan-session") return;
    for (const { tag, flaws } of act.scans)
      if (flaws.includes("unknown_tag") && this.#strangers.length < strangersMax) this.#strangers.push(tag);
  }

  due(toMs: number): readonly DeskAct[] {
    for (; this.#plannedToMs < toMs; this.#plannedToMs += dayMs) this.#planDay(this.#plannedToMs);
    return this.#planned.due(toMs);
  }

  #planDay(dayBeginsMs: number): void {
    if (!fileDays.includes(new Date(dayBeginsMs).getUTCDay())) return;
    const atMs = dayBeginsMs + fileHourMs;
    const rows = this.#rows(atMs);
    this.#planned.add({ kind: "file-imported", atMs, id: drawId(this.#random, atMs), rows });
    if (!this.#random.chance(fileChances.sentTwice)) return;
    const againMs = atMs + this.#random.whole(minuteMs, hourMs);
    this.#planned.add({ kind: "file-imported", atMs: againMs, id: drawId(this.#random, againMs), rows });
  }

  #rows(atMs: number): readonly FileRow[] {
    const random = this.#random;
    const known = Array.from({ length: random.whole(fileRows.least, fileRows.most) }, () => {
      const { tag, name, place } = random.pick(this.#stock);
      return {
        ...{ id: drawId(random, atMs), tag, class: name },
        ...(random.chance(fileChances.quality) ? { quality: random.pick(["A", "B", "C"]) } : {}),
        ...(place !== null && random.chance(fileChances.place) ? { place } : {}),
        ...(random.chance(fileChances.status) ? { status: random.pick(["ready", "repair"] as const) } : {}),
      };
    });
    const fresh = Array.from({ length: random.whole(1, newRowsMax) }, () => {
      this.#made += 1;
      const { epc } = drawTag(random, firstIndex + this.#made);
      const own = random.pick(this.#classes).name;
      return { id: drawId(random, atMs), tag: epc, class: own, name: own };
    });
    const stranger = random.chance(fileChances.stranger) ? this.#strangers.pop() : undefined;
    const found =
      stranger === undefined
        ? []
        : [{ id: drawId(random, atMs), tag: stranger, class: random.pick(this.#classes).name }];
    return [...known, ...fresh, ...found];
  }
}
