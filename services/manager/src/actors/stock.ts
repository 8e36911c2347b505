import {
  foldItem,
  type Item,
  type ItemChange,
  ItemCreated,
  itemEvents,
  type LoggedEvent,
  ScanDismissed,
  ScanQuarantined,
} from "@tagwire/messages";
import type { Happening } from "./happening.ts";
import { agesOn, type Step } from "./item-steps.ts";
import { type ItemTimes, movedAfter, unchangedTimes } from "./item-times.ts";
import { assertReadable } from "./readable.ts";

/** What is known before a run of events, of the tags that it names. */
export type KnownTags = {
  readonly items: ReadonlyMap<string, Item>;
  /** Scans that wait in quarantine, by tag. */
  readonly waiting: ReadonlyMap<string, number>;
  /** Since when they wait. */
  readonly waitingSince: ReadonlyMap<string, string>;
  /** How items came to count in the class and status that they have, by tag. */
  readonly steps?: ReadonlyMap<string, readonly Step[]>;
};

/** Instants as they are kept. Most runs are told to nobody, so they are written out when somebody asks. */
export type KnownTimes = {
  readonly freeAt: Date | null;
  readonly seenAt: Date | null;
  readonly changedAt: Date;
};

/** With since when items are what they are, for the views that tell it. */
export type KnownStock = KnownTags & { readonly times: ReadonlyMap<string, KnownTimes> };

export const nothingKnown: KnownStock = {
  items: new Map(),
  times: new Map(),
  waiting: new Map(),
  waitingSince: new Map(),
};

export type ChangedItem = { readonly item: Item; readonly changedAt: string; readonly times: ItemTimes };

/** What a run of events of one site makes of the stock: rows as they are afterwards, and each event with its item. */
export type Stock = {
  readonly items: Map<string, ChangedItem>;
  /** When each tag was last scanned, refused scans and late ones too: a thing that was refused was there. */
  readonly seen: Map<string, string>;
  readonly waiting: Map<string, number>;
  /** Since when scans wait, of the tags for which others wait than before the run. */
  readonly waitingSince: Map<string, string>;
  readonly happenings: Happening[];
};

const itemTypes: ReadonlySet<string> = new Set(itemEvents.map(({ type }) => type));
const isAboutTag = (type: string): boolean =>
  itemTypes.has(type) || type === ScanQuarantined.type || type === ScanDismissed.type;

/** Sets how many scans wait for a tag, and gives by how many that is more. */
const setWaiting = (
  known: KnownTags,
  { waiting, waitingSince }: Stock,
  { tag, at }: { readonly tag: string; readonly at: string },
  next: (now: number) => number,
): number => {
  const before = waiting.get(tag) ?? known.waiting.get(tag) ?? 0;
  const after = next(before);
  if (after === before) return 0;
  waiting.set(tag, after);
  if (before === 0) waitingSince.set(tag, at);
  else if (!waitingSince.has(tag)) waitingSince.set(tag, known.waitingSince.get(tag) ?? at);
  return after - before;
};

const plainLength = "2026-01-01T00:00:00.000Z".length;
const isPlain = (at: string): boolean => at.length === plainLength && at.endsWith("Z") && at[10] === "T";

/**
 * An instant of the floor in the one spelling that every clock reads. A device whose clock runs ahead, and a fact without a time,
 * count from the record.
 */
const instantOf = (at: string | null, event: LoggedEvent): string => {
  // Almost every instant is spelled like that already, and such compare as text.
  if (at !== null && isPlain(at) && isPlain(event.recordedAt))
    return at < event.recordedAt ? at : event.recordedAt;
  const recordedAtMs = Date.parse(event.recordedAt);
  const atMs = at === null ? Number.NaN : Date.parse(at);
  return new Date(Number.isNaN(atMs) ? recordedAtMs : Math.min(atMs, recordedAtMs)).toISOString();
};

const see = ({ seen }: Stock, tag: string, at: string) => {
  if (at > (seen.get(tag) ?? "")) seen.set(tag, at);
};

const foldTag = (known: KnownTags, stock: Stock, event: LoggedEvent, tag: string): Happening => {
  const at = event.recordedAt;
  if (event.type === ScanQuarantined.type)
    return { event, waiting: setWaiting(known, stock, { tag, at }, (waiting) => waiting + 1) };
  if (event.type === ScanDismissed.type)
    return { event, waiting: setWaiting(known, stock, { tag, at }, () => 0) };
  const before = stock.items.get(tag)?.item ?? known.items.get(tag);
  const after = foldItem(before, event);
  if (after === undefined) throw new Error(`no item is known under ${tag}`);
  if (after.tag !== tag) throw new Error(`an event about ${tag} speaks of ${after.tag}`);
  const factAt = () => instantOf(after.lastFactAt, event);
  const timesBefore = stock.items.get(tag)?.times ?? unchangedTimes;
  // A tag that was given back may begin anew, on another thing: nothing of its ages is that one's.
  const earlier = event.type === ItemCreated.type ? undefined : before;
  const stepsOf = (of: string) => stock.items.get(of)?.times.steps ?? known.steps?.get(of) ?? [];
  const moved = movedAfter(
    { before: earlier, after, steps: earlier === undefined ? [] : stepsOf(tag) },
    {
      pos: event.pos,
      undoes: (event.data as Partial<ItemChange>).undoes,
      inherited:
        earlier === undefined && after.replaces != null
          ? agesOn(stepsOf(after.replaces).filter(({ pos }) => pos !== event.pos - 1))
          : undefined,
      factAt,
      recordedAt: () => instantOf(null, event),
    },
  );
  const times = moved === undefined ? timesBefore : { ...moved.ages, steps: moved.steps };
  if (after !== before) stock.items.set(tag, { item: after, changedAt: event.recordedAt, times });
  if (event.scannedAt !== undefined) see(stock, tag, instantOf(event.scannedAt, event));
  // A thing that gets another tag was scanned when it was scanned under the one before: the desk did not see it.
  else if (earlier === undefined && after.lastScan !== null)
    see(stock, tag, instantOf(after.lastScan.scannedAt, event));
  // Whoever commissions a tag decides everything that waited for it.
  const waiting = event.type === ItemCreated.type ? setWaiting(known, stock, { tag, at }, () => 0) : 0;
  return { event, before, after, since: times.statusAt, movedAt: moved?.at, waiting };
};

const foldOne = (known: KnownTags, stock: Stock, event: LoggedEvent): Happening => {
  const isAbout = isAboutTag(event.type);
  if (isAbout && event.tag === undefined) throw new Error(`${event.type} without a tag`);
  assertReadable(event);
  return isAbout && event.tag !== undefined ? foldTag(known, stock, event, event.tag) : { event, waiting: 0 };
};

/**
 * Folds a run of events of one site, in order, onto what is known of their tags.
 *
 * @throws Error when an event cannot be read or is about an item that was never created; nothing of the run counts then.
 */
export const foldStock = (known: KnownTags, events: readonly LoggedEvent[]): Stock => {
  const stock: Stock = {
    ...{ items: new Map(), seen: new Map(), waiting: new Map(), waitingSince: new Map(), happenings: [] },
  };
  for (const event of events) stock.happenings.push(foldOne(known, stock, event));
  return stock;
};

/** The tag under which a thing was known before an event gave it another. */
const tagBefore = ({ type, data }: LoggedEvent): string[] => {
  const replaces = type === ItemCreated.type ? (data as Partial<ItemCreated>).item?.replaces : undefined;
  return typeof replaces === "string" ? [replaces] : [];
};

/** The tags whose rows must be known before a run is folded. */
export const tagsOf = (events: readonly LoggedEvent[]): Set<string> =>
  new Set(
    events.flatMap((event) =>
      event.tag === undefined || !isAboutTag(event.type) ? [] : [event.tag, ...tagBefore(event)],
    ),
  );
