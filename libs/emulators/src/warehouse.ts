import { seededRandom } from "./random.ts";
import type { TagSource } from "./tag-source.ts";
import type { WarehouseAct } from "./warehouse/acts.ts";
import { classesFor, type ItemClass } from "./warehouse/classes.ts";
import type { WarehouseContract } from "./warehouse/contracts.ts";
import { Day } from "./warehouse/day.ts";
import { Field, type WarehouseAntenna, warehouseAntennas } from "./warehouse/field.ts";
import { Floor } from "./warehouse/floor.ts";
import { drawItems, type WarehouseItem } from "./warehouse/items.ts";
import { evenPace, type Pace } from "./warehouse/pace.ts";
import { type Place, places } from "./warehouse/places.ts";
import { drawTag } from "./warehouse/tags.ts";
import { Uploads } from "./warehouse/uploads.ts";

export type WarehouseOptions = {
  readonly seed: number | string;
  /** How many items there are; 600 unless told. */
  readonly items?: number;
  /** When the day begins, Unix ms. Nothing here looks at a clock. */
  readonly startMs: number;
  /** How much faster than a real day: gaps, spans and upload delays are divided by it. */
  readonly speed?: number;
  /** When things happen and how long goods are out; one busy day without an end, at that speed, unless told. */
  readonly pace?: Pace;
  /**
   * Which share of the goods is in packs that go out, come back and are counted whole; none unless told. The real house has 1,896 of
   * 12,477 goods in its place `pack`, and nothing tells whether these keep together.
   */
  readonly packShare?: number;
  /** The three letters with which the firm's own tags begin, `TWR` unless told: two houses of one installation have different ones. */
  readonly firm?: string;
  /** What is known already of the item with this tag, when the house has lived before. Undefined is as drawn. */
  readonly known?: (tag: string) => KnownItem | undefined;
};

export type KnownItem = Pick<WarehouseItem, "status" | "place" | "contract"> &
  Partial<Pick<WarehouseItem, "role">>;

/** A warehouse made up from a seed, with the shapes and the faults of a real one. */
export type Warehouse = {
  readonly classes: readonly ItemClass[];
  readonly places: readonly Place[];
  /** The stock as the books have it when the day begins. */
  readonly items: readonly WarehouseItem[];
  /** The contracts that are out when the day begins. */
  readonly contracts: readonly WarehouseContract[];
  readonly antennas: readonly WarehouseAntenna[];
  /**
   * What comes in up to `nowMs` and was not given before, in the order in which it comes. It depends on the seed alone: asked
   * often or seldom, the acts are the same.
   */
  readonly nextActs: (nowMs: number) => readonly WarehouseAct[];
  /** When the next act may come at the earliest, Unix ms: a good time to ask again. */
  readonly nextActMs: () => number;
  /** What the antennas hear of it. */
  readonly source: TagSource;
};

const itemsByDefault = 600;
/** Of 12,477 items, 200 tags were scanned that nobody knows. */
const unknownTagShare = 200 / 12_477;
const unknownTagsMin = 5;
const outAtStartPerContract = 6;

/** Puts the goods that are out when the day begins on contracts: those they are on already, or new ones. */
const openInitialContracts = (floor: Floor, day: Day, startMs: number): WarehouseContract[] => {
  const out = floor.items.filter(({ status }) => status === "on_rent" || status === "delivered");
  const known = Map.groupBy(
    out.filter(({ contract }) => contract !== null),
    ({ contract }) => contract ?? "",
  );
  const contracts = [...known].map(([number, items]) => day.openFor(items, startMs, number).contract);
  const others = out.filter(({ contract }) => contract === null);
  for (let at = 0; at < others.length; at += outAtStartPerContract) {
    contracts.push(day.openFor(others.slice(at, at + outAtStartPerContract), startMs).contract);
  }
  return contracts;
};

/**
 * Makes a warehouse: classes, items with the real mix of tag forms, places, contracts, and a day of sessions with late
 * uploads and every fault of a real one at its real rate. Same seed, size, start and speed: same everything.
 *
 * The real one held 12,477 items. At that size there are its 489 classes, its session sizes (median 4, 90th percentile 18, 99th 92)
 * and its sweeps of thousands in one second; a smaller house has fewer classes and smaller sweeps, in proportion.
 */
export const createWarehouse = (options: WarehouseOptions): Warehouse => {
  const { startMs, speed = 1, items: count = itemsByDefault, pace = evenPace(speed) } = options;
  const { packShare = 0 } = options;
  if (!(speed > 0)) throw new RangeError("speed must be over 0");
  const random = seededRandom(options.seed);
  const classes = classesFor(count);
  const drawn = drawItems(random.fork("items"), { count, classes, firm: options.firm });
  const floor = new Floor(
    drawn.map((item) => ({ ...item, ...options.known?.(item.tag) })),
    startMs,
  );
  const day = new Day(random.fork("day"), floor, { startMs, speed, pace, classes, packShare });
  const contracts = openInitialContracts(floor, day, startMs);
  const items = floor.items.map(({ item, contract }) => ({ ...item, contract }));

  const unknownCount = Math.max(unknownTagsMin, Math.round(count * unknownTagShare));
  const unknownRandom = random.fork("unknown tags");
  const unknownTags = Array.from(
    { length: unknownCount },
    (_, index) => drawTag(unknownRandom, 10_000_000 + index).epc,
  );
  const uploads = new Uploads(random.fork("uploads"), speed, unknownTags);

  let pending: WarehouseAct[] = [];
  const advance = (toMs: number): void => {
    while (day.nextMs <= toMs) {
      const { sessions, contracts: office, passage } = day.next();
      if (passage !== undefined) field.pass(passage);
      pending.push(...office, ...sessions.flatMap((session) => uploads.upload(session)));
    }
  };
  const field = new Field(floor, String(options.seed), advance);

  const nextActs = (nowMs: number): readonly WarehouseAct[] => {
    advance(nowMs);
    const due = pending.filter(({ atMs }) => atMs <= nowMs);
    pending = pending.filter(({ atMs }) => atMs > nowMs);
    return due.toSorted((a, b) => a.atMs - b.atMs);
  };
  const nextActMs = (): number => pending.reduce((least, { atMs }) => Math.min(least, atMs), day.nextMs);

  return {
    classes,
    places,
    items,
    contracts,
    antennas: warehouseAntennas,
    nextActs,
    nextActMs,
    source: field,
  };
};
