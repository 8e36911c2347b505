import { seededRandom } from "./random.ts";
import type { WarehouseAct } from "./warehouse/acts.ts";
import { Office, type OfficeAct } from "./warehouse/office.ts";
import { type Pace, workingPace } from "./warehouse/pace.ts";
import { createWarehouse, type Warehouse } from "./warehouse.ts";

/** As many as in the real house. */
export const itemsOfRealHouse = 12_477;
const daysByDefault = 28;
const dayMs = 86_400_000;
const stepMs = 3_600_000;

export type MonthOptions = {
  readonly seed: number | string;
  /** When the first day begins, Unix ms. */
  readonly startMs: number;
  readonly items?: number;
  readonly days?: number;
  /** That of working days unless told. */
  readonly pace?: Pace;
};

export type MonthAct = WarehouseAct | OfficeAct;

export type WarehouseMonth = {
  readonly warehouse: Warehouse;
  /** Everything that happens, in the order in which it reaches the office: made as it is asked for, and only once. */
  readonly acts: Iterable<MonthAct>;
};

function* tell(warehouse: Warehouse, office: Office, fromMs: number, toMs: number): Generator<MonthAct> {
  for (let atMs = fromMs; atMs < toMs; atMs += stepMs) {
    const untilMs = Math.min(toMs, atMs + stepMs);
    const acts = warehouse.nextActs(untilMs);
    for (const act of acts) office.hear(act);
    yield* [...acts, ...office.due(untilMs)].toSorted((a, b) => a.atMs - b.atMs);
  }
}

/**
 * A month of a warehouse at its real size and pace, with what the office does besides: lots of linen, tags, edits, sessions that are
 * taken back. In every four weeks one day is as busy as the busiest of the real house. Same seed, start, size and days: same month.
 */
export const createMonth = (options: MonthOptions): WarehouseMonth => {
  const { seed, startMs, items = itemsOfRealHouse, days = daysByDefault } = options;
  const pace = options.pace ?? workingPace(String(seed), startMs);
  const warehouse = createWarehouse({ seed, startMs, items, pace });
  const office = new Office(seededRandom(seed).fork("office"), warehouse.classes);
  return { warehouse, acts: tell(warehouse, office, startMs, startMs + days * dayMs) };
};
