import type { ItemStatus } from "./items.ts";

/*
 * How RFIDpro and the programs around it call what we call otherwise: the one table of aliases. The strings are theirs; see the
 * fields of its item master and the statuses that real data carries.
 */

/** Statuses by RFIDpro's words, in lower case. What is in no table is not guessed. */
export const statusAliases: Readonly<Record<string, ItemStatus>> = {
  "ready to rent": "ready",
  "on rent": "on_rent",
  delivered: "delivered",
  staged: "staged",
  "needs to be inspected": "inspect",
  repair: "repair",
  wash: "wash",
  wet: "wet",
  missing: "missing",
  lost: "missing",
  sold: "sold",
  retired: "retired",
};

/** Members of an item by the column names of the old item master and transactions, in lower case. */
export const columnAliases = {
  tag_id: "tag",
  epc: "tag",
  rental_class_num: "class",
  rental_class_id: "class",
  common_name: "name",
  bin_location: "place",
} as const satisfies Readonly<Record<string, string>>;

/** What old files write where they know nothing, in lower case and without spaces around it. */
export const absentTexts: ReadonlySet<string> = new Set(["", "null", "na", "n/a"]);
