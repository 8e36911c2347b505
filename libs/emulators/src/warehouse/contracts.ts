import type { Random } from "../random.ts";
import { drawCount, type LongTail } from "./quantities.ts";

export type ContractKind = "rental" | "laundry";
export type ContractLine = { readonly class: string; readonly quantity: number };

export type WarehouseContract = {
  /** Digits; laundry contracts begin with L. */
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
};

/** Gives contracts their numbers and clients. */
export class ContractBook {
  readonly #random: Random;
  #next = firstNumber;

  constructor(random: Random) {
    this.#random = random;
  }

  open(wish: ContractWish): WarehouseContract {
    this.#next += this.#random.whole(1, 9);
    const number = wish.kind === "laundry" ? `L${this.#next}` : String(this.#next);
    const client =
      wish.kind === "laundry"
        ? "Laundry"
        : `${this.#random.pick(firstNames)} ${this.#random.pick(secondNames)}`;
    return { number, client, ...wish };
  }

  size(): number {
    return drawCount(this.#random, contractSize);
  }
}
