import type { Item, Receipt } from "@tagwire/messages";
import type { Stray, WaitingScan } from "./stray.ts";

/** A receipt as it is kept, with the hash of the body it answered: the same id with another body is refused. */
export type KeptReceipt = { readonly bodyHash: string; readonly receipt: Receipt };

/**
 * What a turn knows when it starts: everything its messages ask about, read once, set by set.
 * A tag that is not in `items` carries no item, and what waits for it is in `strays`. The waiting scans themselves are in
 * `waiting`, in the order in which they came, but only for the tags that the turn may commission.
 */
export type Known = {
  readonly items: ReadonlyMap<string, Item>;
  readonly receipts: ReadonlyMap<string, KeptReceipt>;
  readonly strays: ReadonlyMap<string, Stray>;
  readonly waiting: ReadonlyMap<string, readonly WaitingScan[]>;
};
