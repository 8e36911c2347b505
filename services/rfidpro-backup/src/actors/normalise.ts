import type { RfidproDataset } from "@tagwire/messages";
import { normaliseClass } from "./normalise-class.ts";
import { normaliseItem } from "./normalise-item.ts";
import { normaliseTransaction } from "./normalise-transaction.ts";
import type { ClassRow, ItemRow, RawRow, TransactionRow } from "./rows.ts";

/** What is made of a row of any data set. */
export type NormalRow = ClassRow | ItemRow | TransactionRow;

const normalisers = {
  classes: normaliseClass,
  items: normaliseItem,
  transactions: normaliseTransaction,
} as const satisfies Record<RfidproDataset, unknown>;

/** Makes of a row what its data set says. */
export const normalise = (
  dataset: RfidproDataset,
  raw: RawRow,
  how: { readonly timeZone: string; readonly occurrence: number },
): NormalRow => normalisers[dataset](raw, how);
