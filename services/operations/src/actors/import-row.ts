import {
  Fault,
  type ImportRow,
  type Item,
  ItemEdited,
  type ItemSet,
  manualStatuses,
} from "@tagwire/messages";
import type { Book } from "./book.ts";
import { changeBody, type Decision, isOlder, latestOf, type Origin, withSet } from "./decision.ts";
import { refuseRevival } from "./epc-holder.ts";
import { decideCreate } from "./item.ts";

const manual: ReadonlySet<string> = new Set(manualStatuses);
const out: ReadonlySet<string> = new Set(["staged", "on_rent", "delivered"]);

/** What a row says of an item; its id is the act's. */
export type ImportedRow = Omit<ImportRow, "id">;

const stated = (row: ImportedRow) => {
  const { tag: _tag, asOf: _asOf, class: className, ...rest } = row;
  return { ...rest, ...(className === undefined ? {} : { class: className.trim() }) };
};

/** The members in which an item differs from what a row says of it. */
const differences = (item: Item, row: ImportedRow): Partial<ReturnType<typeof stated>> =>
  Object.fromEntries(
    Object.entries(stated(row)).filter(([name, value]) => item[name as keyof Item] !== value),
  );

/** Whether an item is as a row says. */
export const isAsImported = (item: Item, row: ImportedRow): boolean =>
  Object.keys(differences(item, row)).length === 0;

/**
 * A file cannot know where a thing is right now: what is out stays out until a scan brings it back, and nothing goes out by a file. Nor
 * does it know that a thing got another tag, and under the old one it would be there twice.
 */
const refuseStatus = (item: Item, status: string): void => {
  if (item.replacedBy != null) throw new Fault("transition_refused", `${item.tag} is ${item.replacedBy} now`);
  if (out.has(item.status))
    throw new Fault("transition_refused", `the item is ${item.status}; a scan brings it back`);
  if (manual.has(status)) return;
  const source = out.has(status) ? "scans" : "commissioning";
  throw new Fault("transition_refused", `${status} comes from ${source} alone`);
};

/**
 * A row that says when a thing was so gives way to whoever has said or seen since that it is otherwise. To be sold or retired is no
 * matter of where it is seen, but what was seen is not missing.
 */
const refuseOlder = (item: Item, status: string, atMs: number): void => {
  if (isOlder(atMs, item.lastFactAt))
    throw new Fault("newer_fact_stands", `${item.status} since ${item.lastFactAt}, not ${status}`);
  if (status === "missing" && isOlder(atMs, item.lastScan?.scannedAt))
    throw new Fault("newer_fact_stands", `seen at ${item.lastScan?.scannedAt}, not missing`);
};

/** When what a row says was so: never later than it got here. */
const instantOf = ({ asOf }: ImportedRow, { receivedAt }: Origin): string =>
  asOf === undefined
    ? receivedAt
    : new Date(Math.min(Date.parse(asOf), Date.parse(receivedAt))).toISOString();

/** What a row would set, less what is known here for a later instant than it says. */
const notOlder = (item: Item, row: ImportedRow, atMs: number): ReturnType<typeof differences> => {
  const { place, quality, ...rest } = differences(item, row);
  const stands = (knownAt: string | null | undefined) => row.asOf !== undefined && isOlder(atMs, knownAt);
  return {
    ...rest,
    ...(place === undefined || stands(item.placeAt) ? {} : { place }),
    ...(quality === undefined || stands(item.qualityAt) ? {} : { quality }),
  };
};

/**
 * One row of an import.
 *
 *   no item ──row──► as the row says                    (says ItemCreated)
 *   as the row says ─row──► unchanged                   (already applied, and leaves no receipt)
 *   otherwise ──row──► the members the row has are set  (says ItemEdited)
 *
 * A row that is refused is thrown, so that it leaves no receipt: corrected circumstances let the same row pass.
 *
 * @throws Fault `class_required` for a new tag without a class; `item_exists` and `epc_held_elsewhere` where it says another thing's name, and the first of them
 * where it may make an item alone and there is one; `transition_refused` for a status that only scans lead to or from; `newer_fact_stands`
 * for one as of an instant before what is known.
 */
export const decideImportRow = (book: Book, row: ImportedRow, origin: Origin, onlyNew = false): Decision => {
  const item = book.item(row.tag);
  const at = instantOf(row, origin);
  if (item === undefined || book.isFree(row.tag)) {
    const { class: className } = row;
    if (className === undefined) throw new Fault("class_required", "");
    return decideCreate(book, { ...row, class: className }, origin, at);
  }
  if (onlyNew) throw new Fault("item_exists", item.tag);
  const changed = notOlder(item, row, Date.parse(at));
  if (Object.keys(changed).length === 0) return { outcome: "already_applied", flags: [], item };
  if (changed.status !== undefined) {
    refuseStatus(item, changed.status);
    if (row.asOf !== undefined) refuseOlder(item, changed.status, Date.parse(at));
  }

  const set: ItemSet = {
    ...changed,
    ...(changed.status === undefined ? {} : { contract: null, lastFactAt: latestOf(at, item.lastFactAt) }),
    ...(changed.quality === undefined ? {} : { qualityAt: latestOf(at, item.qualityAt) }),
    ...(changed.place === undefined ? {} : { placeAt: latestOf(at, item.placeAt) }),
  };
  refuseRevival(book, item, withSet(item, set));
  const data = changeBody(item, set, { outcome: "accepted", flags: [] });
  return {
    outcome: "accepted",
    flags: [],
    item: withSet(item, set),
    said: {
      type: ItemEdited.type,
      tag: item.tag,
      data,
      ...origin,
      ...(item.contract === null ? {} : { contract: item.contract }),
    },
  };
};
