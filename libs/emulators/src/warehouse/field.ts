import { noise } from "../random.ts";
import type { SeenTag, TagSource } from "../tag-source.ts";
import type { Passage } from "./day.ts";
import type { Floor, FloorItem } from "./floor.ts";
import { dockIn, dockOut } from "./places.ts";

export type AntennaRole = "gate-out" | "gate-in" | "shelf";
export type WarehouseAntenna = {
  readonly antenna: number;
  readonly place: string;
  readonly role: AntennaRole;
};

/** Two gates at the docks and two shelves, as one four-port reader hangs in a small house. */
export const warehouseAntennas: readonly WarehouseAntenna[] = [
  { antenna: 1, place: dockOut, role: "gate-out" },
  { antenna: 2, place: dockIn, role: "gate-in" },
  { antenna: 3, place: "NR4x1", role: "shelf" },
  { antenna: 4, place: "MR4J2", role: "shelf" },
];

/** How long an item is in the field of a gate, and how far one is behind the other on the trolley. */
const gateMs = 3_000;
const trolleyGapMs = 250;
/** Items in the field of one shelf antenna. */
const shelfItemsMax = 40;
/** A reader hears 60 to 70 % of what is in its field in one round (SMURF, VLDB 2006). */
const heardShare = 0.65;
const roundMs = 50;
const passagesKeptMs = 60_000;

const strengthDbm = (nearDbm: number, item: FloorItem, antenna: number, round: number): number =>
  nearDbm - 12 * noise(item.item.epc, antenna) - 6 * noise(item.item.epc, antenna, round);

/** What antennas hear of what really happens on the floor. */
export class Field implements TagSource {
  readonly #floor: Floor;
  readonly #seed: string;
  readonly #advance: (atMs: number) => void;
  #passages: Passage[] = [];

  /** `advance` lets the day go on to an instant, so that whoever looks first sees the same. */
  constructor(floor: Floor, seed: string, advance: (atMs: number) => void) {
    this.#floor = floor;
    this.#seed = seed;
    this.#advance = advance;
  }

  pass(passage: Passage): void {
    this.#passages.push(passage);
    this.#passages = this.#passages.filter(({ atMs }) => atMs > passage.atMs - passagesKeptMs);
  }

  sees(antenna: number, atMs: number): readonly SeenTag[] {
    this.#advance(atMs);
    const where = warehouseAntennas.find((one) => one.antenna === antenna);
    if (where === undefined) return [];
    const present =
      where.role === "shelf" ? this.#onShelf(where.place, atMs) : this.#inGate(where.place, atMs);
    const round = Math.floor(atMs / roundMs);
    const nearDbm = where.role === "shelf" ? -52 : -42;
    return present
      .filter(({ item }) => noise(this.#seed, item.epc, antenna, round) < heardShare)
      .map((item) => ({
        epc: item.item.epc,
        rssiDbm: Math.round(strengthDbm(nearDbm, item, antenna, round)),
      }));
  }

  #onShelf(place: string, atMs: number): FloorItem[] {
    return this.#floor.items
      .filter((item) => this.#floor.binAt(item, atMs) === place)
      .slice(0, shelfItemsMax);
  }

  #inGate(place: string, atMs: number): FloorItem[] {
    return this.#passages
      .filter((passage) => passage.place === place)
      .flatMap(({ items, atMs: beginMs }) =>
        items.filter((_, index) => {
          const sinceMs = atMs - beginMs - index * trolleyGapMs;
          return sinceMs >= 0 && sinceMs < gateMs;
        }),
      );
  }
}
