import type { Random } from "../random.ts";
import type { ScanSessionAct, WarehouseAct } from "./acts.ts";
import type { ItemClass } from "./classes.ts";
import type { WarehouseContract } from "./contracts.ts";
import { drawId } from "./quantities.ts";

/** What the office does besides opening and closing contracts: it counts linen, commissions tags, edits, takes back. */
export type OfficeAct = { readonly atMs: number; readonly id: string } & (
  | {
      readonly kind: "lot-counted";
      readonly contract: string;
      readonly name: string;
      readonly quantity: number;
      readonly action: "added" | "removed";
    }
  /** The cleaner takes a laundry contract along, and brings it back. */
  | { readonly kind: "laundry-sent" | "laundry-back"; readonly contract: string }
  /** A device that heard no answer sends all of it once more. */
  | { readonly kind: "upload-repeated"; readonly upload: ScanSessionAct }
  /** Somebody scanned in the wrong session, and all of it is taken back. */
  | { readonly kind: "session-undone"; readonly session: string }
  /** A tag that was scanned and that nobody knew gets its item. */
  | { readonly kind: "item-commissioned"; readonly tag: string; readonly class: string }
  | { readonly kind: "tags-provisioned"; readonly class: string; readonly quantity: number }
  | {
      readonly kind: "item-edited";
      readonly tag: string;
      readonly edit: { readonly notes: string } | { readonly status: "repair" | "ready" };
    }
);

/** An office act before it has its id. */
type Plan = OfficeAct extends infer A ? (A extends OfficeAct ? Omit<A, "id"> : never) : never;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Nobody counted these in the real house; they are rare there, and each has to happen in a month. */
const chances = {
  lotRemoved: 0.25,
  sessionUndone: 0.02,
  uploadRepeated: 0.03,
  commissioned: 0.06,
  provisioned: 0.1,
  edited: 0.1,
} as const;

const lotNames = ["napkins white", "napkins ivory", "bar towels", "chair covers", "aprons"];
const lotQuantityMax = 200;
const provisionedMax = 24;

/** Hears what happens and does what follows from it, some time later. */
export class Office {
  readonly #random: Random;
  readonly #classes: readonly ItemClass[];
  readonly #commissioned = new Set<string>();
  #planned: OfficeAct[] = [];

  constructor(random: Random, classes: readonly ItemClass[]) {
    this.#random = random;
    this.#classes = classes;
  }

  hear(act: WarehouseAct): void {
    if (act.kind === "scan-session") this.#hearScans(act);
    if (act.kind === "contract-opened") this.#hearContract(act.contract, act.atMs);
  }

  /** What is done up to an instant and was not given before, in its order. */
  due(toMs: number): readonly OfficeAct[] {
    const due = this.#planned.filter(({ atMs }) => atMs <= toMs);
    this.#planned = this.#planned.filter(({ atMs }) => atMs > toMs);
    return due.toSorted((a, b) => a.atMs - b.atMs);
  }

  #plan(plan: Plan): void {
    this.#planned.push({ ...plan, id: drawId(this.#random, plan.atMs) } as OfficeAct);
  }

  #after(atMs: number, fromMs: number, toMs: number): number {
    return atMs + this.#random.whole(fromMs, toMs);
  }

  #hearContract({ number, kind, dueAtMs }: WarehouseContract, atMs: number): void {
    if (this.#random.chance(chances.provisioned)) {
      const quantity = this.#random.whole(1, provisionedMax);
      const plan = {
        atMs: this.#after(atMs, hourMs, dayMs),
        class: this.#random.pick(this.#classes).name,
        quantity,
      };
      this.#plan({ kind: "tags-provisioned", ...plan });
    }
    if (kind !== "laundry") return;
    for (const name of lotNames.slice(0, this.#random.whole(1, lotNames.length))) {
      const quantity = this.#random.whole(2, lotQuantityMax);
      const countedMs = this.#after(atMs, minuteMs, 3 * hourMs);
      this.#plan({ kind: "lot-counted", atMs: countedMs, contract: number, name, quantity, action: "added" });
      if (!this.#random.chance(chances.lotRemoved)) continue;
      const removed = {
        contract: number,
        name,
        quantity: this.#random.whole(1, quantity),
        action: "removed",
      } as const;
      this.#plan({ kind: "lot-counted", atMs: this.#after(countedMs, minuteMs, hourMs), ...removed });
    }
    this.#plan({ kind: "laundry-sent", atMs: this.#after(atMs, 5 * hourMs, 20 * hourMs), contract: number });
    this.#plan({ kind: "laundry-back", atMs: dueAtMs, contract: number });
  }

  #hearScans(upload: ScanSessionAct): void {
    const random = this.#random;
    const { atMs, session, part, scans } = upload;
    if (random.chance(chances.uploadRepeated))
      this.#plan({ kind: "upload-repeated", atMs: this.#after(atMs, 1_000, 10 * minuteMs), upload });
    for (const { tag, flaws } of scans) {
      if (!flaws.includes("unknown_tag") || this.#commissioned.has(tag)) continue;
      if (!random.chance(chances.commissioned)) continue;
      this.#commissioned.add(tag);
      const name = random.pick(this.#classes).name;
      this.#plan({ kind: "item-commissioned", atMs: this.#after(atMs, hourMs, 3 * dayMs), tag, class: name });
    }
    if (part.number === part.of && random.chance(chances.sessionUndone)) {
      this.#plan({
        kind: "session-undone",
        atMs: this.#after(atMs, 2 * minuteMs, hourMs),
        session: session.id,
      });
    }
    const [first] = scans;
    if (first === undefined || first.flaws.length > 0 || !random.chance(chances.edited)) return;
    const edit = random.chance(0.5)
      ? { notes: `seen to on ${new Date(atMs).toISOString().slice(0, 10)}` }
      : { status: random.pick(["repair", "ready"] as const) };
    this.#plan({ kind: "item-edited", atMs: this.#after(atMs, minuteMs, 8 * hourMs), tag: first.tag, edit });
  }
}
