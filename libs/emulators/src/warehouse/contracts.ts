import type { Random } from "../random.ts";
import { drawCount, type LongTail } from "./quantities.ts";

/** Manual is what the floor writes by hand while the office has no number yet. */
export type ContractKind = "rental" | "laundry" | "manual";
export type ContractLine = { readonly class: string; readonly quantity: number };

export type WarehouseContract = {
  /** Digits; laundry contracts begin with L, manual ones with M-. */
  readonly number: string;
  readonly kind: ContractKind;
  readonly client: string;
  readonly outAtMs: number;
  readonly dueAtMs: number;
  readonly lines: readonly ContractLine[];
};

/** Items on a contract: the median of 482 real ones is 6, the 90th percentile 30, the most 226. */
export const contractSize: LongTail = { median: 6, p90: 30, min: 1, max: 226 };

const firstNames = ["Abel", "Birch", "Cedar", "Dale", "Elm", "Fern", "Grove", "Hazel", "Iris", "Juniper"];
const secondNames = ["Events", "Weddings", "School", "Parish", "Brewery", "Gardens", "Club", "Catering"];

const firstNumber = 300_000;
/** Numbers go on from one start to the next: at the demo's speed they rise by less than one a second. */
const countedFromMs = Date.UTC(2026, 0, 1);

/** Draws lines for so many items of the classes that are at hand. */
export const drawLines = (random: Random, classes: readonly string[], size: number): ContractLine[] => {
  const quantities = new Map<string, number>();
  let left = size;
  while (left > 0) {
    const quantity = Math.min(left, random.whole(1, Math.max(1, Math.ceil(size / 2))));
    const one = random.pick(classes);
    quantities.set(one, (quantities.get(one) ?? 0) + quantity);
    left -= quantity;
  }
  return [...quantities].map(([id, quantity]) => ({ class: id, quantity }));
};

export type ContractWish = {
  readonly kind: ContractKind;
  readonly outAtMs: number;
  readonly dueAtMs: number;
  readonly lines: readonly ContractLine[];
  /** Absent for a new one. */
  readonly number?: string;
};

/** Gives contracts their numbers and clients. */
export class ContractBook {
  readonly #random: Random;
  #next: number;

  constructor(random: Random, startMs: number) {
    this.#random = random;
    this.#next = firstNumber + Math.max(0, Math.floor((startMs - countedFromMs) / 1000));
  }

  open(wish: ContractWish): WarehouseContract {
    const number = wish.number ?? this.#newNumber(wish.kind);
    const client =
      wish.kind === "laundry"
        ? "Laundry"
        : `${this.#random.pick(firstNames)} ${this.#random.pick(secondNames)}`;
    return { ...wish, number, client };
  }

  #newNumber(kind: ContractKind): string {
    this.#next += this.#random.whole(1, 9);
    return kind === "laundry" ? `L${this.#next}` : String(this.#next);
  }

  size(): number {
    return drawCount(this.#random, contractSize);
  }
}
