import {
  foldItem,
  type Item,
  type ItemChange,
  ItemCreated,
  itemEvents,
  type LoggedEvent,
  ScanQuarantined,
} from "@tagwire/messages";
import { Compile, type Validator } from "typebox/compile";
import { countScan, emptyMinute, type Minute, minuteOf } from "./minute.ts";
import { addCounts, type StatusCounts } from "./status-counts.ts";

/** What is known before a run of events, of the tags that it names. */
export type KnownTags = {
  readonly items: ReadonlyMap<string, Item>;
  /** Scans that wait in quarantine, by tag. */
  readonly waiting: ReadonlyMap<string, number>;
};

/** `statusAt` is since when the item is in its status; undefined when that was before the run. */
export type ChangedItem = {
  readonly item: Item;
  readonly changedAt: string;
  readonly statusAt: string | undefined;
};

/**
 * What a run of events of one site changes: rows as they are afterwards, and counts as differences to what was there before.
 */
export type SiteChanges = {
  readonly items: Map<string, ChangedItem>;
  /** When each tag was last scanned, refused scans and late ones too: a thing that was refused was there. */
  readonly seen: Map<string, string>;
  readonly waiting: Map<string, number>;
  readonly classes: Map<string, StatusCounts>;
  readonly minutes: Map<string, Minute>;
  quarantined: number;
};

type Fold = { readonly known: KnownTags; readonly changes: SiteChanges };

const bodyChecks: ReadonlyMap<string, Validator> = new Map(
  [...itemEvents, ScanQuarantined].map(({ type, body }) => [type, Compile(body)]),
);
const itemTypes: ReadonlySet<string> = new Set(itemEvents.map(({ type }) => type));

const count = ({ classes }: SiteChanges, item: Item, by: 1 | -1) => {
  classes.set(item.class, addCounts(classes.get(item.class) ?? {}, { [item.status]: by }));
};

/** Most scans only say where a thing is: those move no count. */
const move = (changes: SiteChanges, before: Item | undefined, after: Item) => {
  if (before?.class === after.class && before.status === after.status) return;
  if (before !== undefined) count(changes, before, -1);
  count(changes, after, 1);
};

const setWaiting = ({ known, changes }: Fold, tag: string, next: (waiting: number) => number) => {
  const before = changes.waiting.get(tag) ?? known.waiting.get(tag) ?? 0;
  const after = next(before);
  if (after === before) return;
  changes.waiting.set(tag, after);
  changes.quarantined += after - before;
};

const countIn = (
  { minutes }: SiteChanges,
  event: LoggedEvent,
  outcome: "taken" | "rejected" | "quarantined",
) => {
  const recordedAtMs = Date.parse(event.recordedAt);
  const minute = minuteOf(recordedAtMs);
  const lagMs = event.scannedAt === undefined ? undefined : recordedAtMs - Date.parse(event.scannedAt);
  minutes.set(minute, countScan(minutes.get(minute) ?? emptyMinute, outcome, lagMs));
};

/**
 * An instant of the floor in the one spelling that every clock reads. A device whose clock runs ahead, and a fact without a time,
 * count from the record.
 */
const instantOf = (at: string | null, event: LoggedEvent): string => {
  const recordedAtMs = Date.parse(event.recordedAt);
  const atMs = at === null ? Number.NaN : Date.parse(at);
  return new Date(Number.isNaN(atMs) ? recordedAtMs : Math.min(atMs, recordedAtMs)).toISOString();
};

const see = ({ seen }: SiteChanges, tag: string, at: string) => {
  if (at > (seen.get(tag) ?? "")) seen.set(tag, at);
};

/** A scan that waited in quarantine was counted when it came; its decision later is not another scan. */
const isNewScan = ({ scan, flags }: ItemChange): boolean =>
  scan !== undefined && !flags.includes("from_quarantine");

const foldItemEvent = (fold: Fold, event: LoggedEvent, tag: string) => {
  const { known, changes } = fold;
  const before = changes.items.get(tag)?.item ?? known.items.get(tag);
  const after = foldItem(before, event);
  if (after === undefined) throw new Error(`no item is known under ${tag}`);
  if (after.tag !== tag) throw new Error(`an event about ${tag} speaks of ${after.tag}`);
  if (after !== before) {
    move(changes, before, after);
    const statusAt =
      before?.status === after.status ? changes.items.get(tag)?.statusAt : instantOf(after.lastFactAt, event);
    changes.items.set(tag, { item: after, changedAt: event.recordedAt, statusAt });
  }
  if (event.scannedAt !== undefined) see(changes, tag, instantOf(event.scannedAt, event));
  if (event.type === ItemCreated.type) {
    // Whoever commissions a tag decides everything that waited for it.
    setWaiting(fold, tag, () => 0);
    return;
  }
  const change = event.data as ItemChange;
  if (isNewScan(change)) countIn(changes, event, change.outcome === "rejected" ? "rejected" : "taken");
};

const foldOne = (fold: Fold, event: LoggedEvent) => {
  const check = bodyChecks.get(event.type);
  // Contracts only grow: an event of a kind that came later means nothing here, and passes.
  if (check === undefined) return;
  if (event.tag === undefined) throw new Error(`${event.type} without a tag`);
  if (!check.Check(event.data)) throw new Error(`the body of ${event.type} cannot be read`);
  if (itemTypes.has(event.type)) return foldItemEvent(fold, event, event.tag);
  setWaiting(fold, event.tag, (waiting) => waiting + 1);
  countIn(fold.changes, event, "quarantined");
};

/**
 * Folds a run of events of one site, in order, onto what is known of their tags.
 *
 * @throws Error when an event cannot be read or is about an item that was never created; nothing of the run counts then.
 */
export const foldSite = (known: KnownTags, events: readonly LoggedEvent[]): SiteChanges => {
  const changes: SiteChanges = {
    items: new Map(),
    seen: new Map(),
    waiting: new Map(),
    classes: new Map(),
    minutes: new Map(),
    quarantined: 0,
  };
  for (const event of events) foldOne({ known, changes }, event);
  for (const [name, counts] of changes.classes)
    if (Object.keys(counts).length === 0) changes.classes.delete(name);
  return changes;
};

/** The tags whose rows must be known before a run is folded. */
export const tagsOf = (events: readonly LoggedEvent[]): Set<string> =>
  new Set(events.flatMap(({ tag, type }) => (tag === undefined || !bodyChecks.has(type) ? [] : [tag])));
