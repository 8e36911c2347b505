import type { Random } from "../random.ts";
import type { ItemClass } from "./classes.ts";
import { drawBin, whereaboutsOf } from "./places.ts";
import { drawTag, type TagForm } from "./tags.ts";

export type ItemStatus =
  | "ready"
  | "on_rent"
  | "delivered"
  | "inspect"
  | "repair"
  | "wash"
  | "wet"
  | "missing"
  | "sold";

/** An item as the books have it when the day begins. */
export type WarehouseItem = {
  readonly tag: string;
  /** What antennas hear, in upper-case hex. */
  readonly epc: string;
  readonly form: TagForm;
  readonly class: string;
  readonly name: string;
  readonly status: ItemStatus;
  readonly quality: string | null;
  readonly place: string | null;
  /** What it is kept for besides renting, such as `resale`; not where it is. */
  readonly role: string | null;
  readonly contract: string | null;
};

export const qualities = ["A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-"] as const;

/** Counted on 12,477 real items. */
const statusWeights: readonly (readonly [ItemStatus, number])[] = [
  ["ready", 11_346],
  ["sold", 593],
  ["on_rent", 436],
  ["inspect", 91],
  ["wet", 6],
  ["repair", 4],
  ["missing", 1],
];

const drawQuality = (random: Random): string | null =>
  random.weighted<string | null>([...qualities.map((one) => [one, 2] as const), [null, 6]]);

/** Where a status says where the item is, that is its bin. */
const binFor = (random: Random, status: ItemStatus): string | null => {
  if (status === "sold") return "sold";
  if (status === "on_rent" || status === "missing") return null;
  return drawBin(random);
};

/**
 * Draws the stock, at least one item of each class. Items on rent get their contract from the caller, who knows the
 * contracts.
 */
export const drawItems = (
  random: Random,
  { count, classes, firm }: { count: number; classes: readonly ItemClass[]; firm: string | undefined },
): WarehouseItem[] => {
  const weights = classes.map((one) => [one, one.weight] as const);
  return Array.from({ length: count }, (_, index) => {
    const itemClass = classes[index] ?? random.weighted(weights);
    const { tag, epc, form } = drawTag(random, index + 1, firm);
    const status = random.weighted(statusWeights);
    const bin = binFor(random, status);
    const quality = drawQuality(random);
    return {
      tag,
      epc,
      form,
      class: itemClass.id,
      name: itemClass.name,
      status,
      quality,
      ...whereaboutsOf(bin),
      contract: null,
    };
  });
};
