import type { WarehouseContract } from "./contracts.ts";
import type { ItemStatus, WarehouseItem } from "./items.ts";
import { binOf } from "./places.ts";

/** Which bin an item is in from an instant on; null is out of the house. */
type Stay = { readonly fromMs: number; readonly bin: string | null };

/** How many stays of an item are remembered: antennas look back a little, nobody looks back further. */
const staysMax = 6;

/** An item as it really is, whatever the books say. */
export type FloorItem = {
  readonly item: WarehouseItem;
  status: ItemStatus;
  contract: string | null;
  readonly stays: Stay[];
};

/** A contract while goods are out on it. */
export type OpenContract = {
  readonly contract: WarehouseContract;
  /** What is still to be scanned out, by class. */
  readonly wanted: Map<string, number>;
  readonly out: Set<FloorItem>;
  /** Its goods will come back without anybody scanning them. */
  readonly comesBackUnseen: boolean;
};

export const stillWanted = ({ wanted }: OpenContract): number =>
  [...wanted.values()].reduce((sum, quantity) => sum + quantity, 0);

/** What really happens on the floor: where each item is and which contracts are out. */
export class Floor {
  readonly items: readonly FloorItem[];
  readonly open = new Map<string, OpenContract>();

  constructor(items: readonly WarehouseItem[], startMs: number) {
    this.items = items.map((item) => ({
      item,
      status: item.status,
      contract: item.contract,
      stays: [{ fromMs: startMs, bin: binOf(item) }],
    }));
  }

  ready(classes?: ReadonlySet<string>): FloorItem[] {
    return this.items.filter(
      ({ status, item }) => status === "ready" && (classes === undefined || classes.has(item.class)),
    );
  }

  move(item: FloorItem, bin: string | null, fromMs: number): void {
    item.stays.push({ fromMs, bin });
    if (item.stays.length > staysMax) item.stays.shift();
  }

  /** Which bin the item was in at an instant. */
  binAt(item: FloorItem, atMs: number): string | null {
    for (let index = item.stays.length - 1; index >= 0; index -= 1) {
      const stay = item.stays[index];
      if (stay !== undefined && (stay.fromMs <= atMs || index === 0)) return stay.bin;
    }
    return null;
  }

  goOut(item: FloorItem, contract: OpenContract, atMs: number): void {
    item.status = "on_rent";
    item.contract = contract.contract.number;
    contract.out.add(item);
    const left = (contract.wanted.get(item.item.class) ?? 0) - 1;
    contract.wanted.set(item.item.class, Math.max(0, left));
    this.move(item, null, atMs);
  }

  comeBack(
    item: FloorItem,
    back: { readonly status: ItemStatus; readonly place: string; readonly atMs: number },
  ): void {
    const contract = item.contract === null ? undefined : this.open.get(item.contract);
    contract?.out.delete(item);
    item.status = back.status;
    item.contract = null;
    this.move(item, back.place, back.atMs);
  }
}
