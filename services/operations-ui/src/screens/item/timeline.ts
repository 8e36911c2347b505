import type { TimelineRow } from "@tagwire/messages";
import type { TimelinePage } from "../../api/items.ts";

/** The part of an item's life that was read so far, newest first; `cursor` leads to what is older. */
export type Timeline = { readonly rows: readonly TimelineRow[]; readonly cursor: string | null };

/** What makes a row this row: its place in the log, or for one outside the log its scan and time. */
export const rowKey = (row: TimelineRow): string =>
  row.pos === undefined ? `${row.scanId ?? row.type}@${row.recordedAt}` : `${row.epoch}:${row.pos}`;

/**
 * Puts a freshly read first page before what is there already. When the two do not touch, something may be missing
 * between them: then the page stands alone and the rest is read again on demand.
 */
export const mergeNewest = (before: Timeline | undefined, page: TimelinePage): Timeline => {
  const fresh: Timeline = { rows: page.data, cursor: page.nextCursor };
  if (before === undefined || page.nextCursor === null) return fresh;
  const inPage = new Set(page.data.map(rowKey));
  const older = before.rows.filter((row) => !inPage.has(rowKey(row)));
  return older.length === before.rows.length
    ? fresh
    : { rows: [...page.data, ...older], cursor: before.cursor };
};

/**
 * Puts the older page that `cursor` led to behind what is there, each row once. When a newer reading has replaced what was
 * there meanwhile, the page does not follow on it: it would leave a hole, and is dropped.
 */
export const appendOlder = (
  before: Timeline | undefined,
  page: TimelinePage,
  cursor: string,
): Timeline | undefined => {
  if (before?.cursor !== cursor) return before;
  const known = new Set(before.rows.map(rowKey));
  const older = page.data.filter((row) => !known.has(rowKey(row)));
  return { rows: [...before.rows, ...older], cursor: page.nextCursor };
};

const undoneBy = ({ data }: TimelineRow): number | undefined => (data as { undoes?: number }).undoes;

/** Where the rows that were taken back were taken back, by the keys of those rows. What is older than what was read is not among them. */
export const takenBackAt = (rows: readonly TimelineRow[]): ReadonlyMap<string, number> =>
  new Map(
    rows.flatMap((row) => {
      const undoes = undoneBy(row);
      return undoes === undefined || row.pos === undefined
        ? []
        : [[`${row.epoch}:${undoes}`, row.pos] as const];
    }),
  );

/** What a row has to do with a mistake: it takes one back, or is one that was. Undefined for all others. */
export const undoText = (row: TimelineRow, takenBack: number | undefined): string | undefined => {
  const undoes = undoneBy(row);
  if (undoes !== undefined) return `This takes back what is recorded at position ${undoes}.`;
  return takenBack === undefined ? undefined : `It was taken back at position ${takenBack}.`;
};
