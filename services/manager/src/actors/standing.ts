import type { AvailableItem, Item, ItemStatus, UnseenItem } from "@tagwire/messages";
import type { PlacedChange } from "./live-messages.ts";
import type { KnownStock, KnownTimes, Stock } from "./stock.ts";

/** An item and since when it is what it is: what idle and stale are told from, RFC 3339. */
export type Standing = {
  readonly item: Item;
  readonly freeAt: string | null;
  readonly seenAt: string | null;
  readonly changedAt: string;
};

/** What is available: ready to rent, and nothing else. What is staged is promised, and a tag that is provisioned is on no thing yet. */
export const availableStatus: ItemStatus = "ready";
/** The statuses of what nobody waits to see. */
export const unwatchedStatuses: readonly ItemStatus[] = ["missing", "sold", "retired"];

const isoOf = (at: Date | null): string | null => at?.toISOString() ?? null;

/** An item as it was kept. */
export const standingOf = (item: Item, { freeAt, seenAt, changedAt }: KnownTimes): Standing => ({
  item,
  freeAt: isoOf(freeAt),
  seenAt: isoOf(seenAt),
  changedAt: changedAt.toISOString(),
});

const later = (one: string | null, other: string | null): string | null =>
  one === null || other === null ? (one ?? other) : one < other ? other : one;

/** The row of an item in the view of what is available; undefined when it is not. */
export const availableRow = ({ item, freeAt, seenAt }: Standing): AvailableItem | undefined =>
  freeAt === null || item.status !== availableStatus
    ? undefined
    : {
        tag: item.tag,
        class: item.class,
        status: item.status,
        quality: item.quality,
        place: item.place,
        role: item.role ?? null,
        since: freeAt,
        lastSeenAt: seenAt,
      };

/** The row of an item in the view of what was not seen for long; undefined when nobody waits for it. */
export const unseenRow = ({ item, seenAt, changedAt }: Standing): UnseenItem | undefined =>
  unwatchedStatuses.includes(item.status)
    ? undefined
    : {
        tag: item.tag,
        class: item.class,
        status: item.status,
        place: item.place,
        role: item.role ?? null,
        since: seenAt ?? changedAt,
        lastSeenAt: seenAt,
      };

/** Items that a run changed or scanned, before it and after. */
const movedIn = (known: KnownStock, { items, seen }: Stock) =>
  [...new Set([...items.keys(), ...seen.keys()])].flatMap((tag) => {
    const [itemBefore, times] = [known.items.get(tag), known.times.get(tag)];
    const before =
      itemBefore === undefined || times === undefined ? undefined : standingOf(itemBefore, times);
    const changed = items.get(tag);
    const item = changed?.item ?? itemBefore;
    if (item === undefined) return [];
    const changedAt = changed === undefined ? before?.changedAt : new Date(changed.changedAt).toISOString();
    const after: Standing = {
      item,
      freeAt: changed?.times.freeAt ?? before?.freeAt ?? null,
      seenAt: later(before?.seenAt ?? null, seen.get(tag) ?? null),
      changedAt: changedAt ?? "",
    };
    return [{ tag, before, after }];
  });

/** What one of the two views is told: only rows that are others than before, so that a scan that says nothing new is not told. */
const changesOf = (
  moved: ReturnType<typeof movedIn>,
  pos: number,
  rowOf: (standing: Standing) => AvailableItem | UnseenItem | undefined,
): PlacedChange[] =>
  moved.flatMap(({ tag, before, after }): PlacedChange[] => {
    const was = before === undefined ? undefined : rowOf(before);
    const is = rowOf(after);
    if (is === undefined)
      return was === undefined ? [] : [{ pos, change: { key: tag, version: pos, del: true } }];
    if (was !== undefined && JSON.stringify(was) === JSON.stringify(is)) return [];
    return [{ pos, change: { key: tag, version: pos, put: is } }];
  });

/** What changes among what is available, and among what was seen, all as of the end of the run. */
export const standingChanges = (known: KnownStock, stock: Stock, pos: number) => {
  const moved = movedIn(known, stock);
  return { idle: changesOf(moved, pos, availableRow), stale: changesOf(moved, pos, unseenRow) };
};

/** What changes among the tags that scans wait for. */
export const heldChanges = ({ waiting, waitingSince }: Stock, pos: number): PlacedChange[] =>
  [...waiting].map(([tag, scans]) => ({
    pos,
    change:
      scans === 0
        ? { key: tag, version: pos, del: true }
        : { key: tag, version: pos, put: { tag, scans, since: waitingSince.get(tag) ?? "" } },
  }));
