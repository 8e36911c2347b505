import type { Item, Receipt } from "@tagwire/messages";
import type { HeardScan } from "./scan.ts";

/** A receipt as it is kept, with the hash of the body it answered: the same id with another body is refused. */
export type KeptReceipt = { readonly bodyHash: string; readonly receipt: Receipt };

/**
 * What a turn knows when it starts: everything its messages ask about, read once, set by set.
 * A tag that is not in `items` carries no item; `quarantined` holds the scans that wait for such tags, oldest first.
 */
export type Known = {
  readonly items: ReadonlyMap<string, Item>;
  readonly receipts: ReadonlyMap<string, KeptReceipt>;
  readonly quarantined: ReadonlyMap<string, readonly HeardScan[]>;
};
