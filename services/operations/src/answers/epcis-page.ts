import { type EpcisEvent, Fault, type LoggedEvent, positionText } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { type ExportSite, exportEvents, undonePosition } from "../actors/epcis/export.ts";
import { digestOfHashId } from "../actors/epcis/hash-id.ts";
import { type GivenId, rememberIds } from "../store/epcis-ids.ts";
import { type Mark, readUndoing, type Stretch } from "../store/epcis-log.ts";
import { answerBytesMax } from "./page.ts";

/** Rows of the log that are read at once. The first step is as large as the page, since often everything is wanted. */
const stepRowsMax = 2_000;
/** How much larger each step is than the one before it. */
const stepGrowth = 8;
/** Rows that one answer looks at; whoever asks goes on where it ended. */
const rowsPerAnswerMax = 10_000;
/** Events that one answer exports to see whether they are wanted: turns are decided in the same process. */
const exportsPerAnswerMax = 2_000;
/** An event that was taken back, an undo that was itself taken back, and so on: nobody goes further than that. */
const undoDepthMax = 8;

const markText = (mark: Mark): string =>
  [mark.atMs, positionText(mark), ...(mark.told === undefined ? [] : [mark.told])].join(":");

/** @throws Fault `malformed` */
const markOf = (text: string | null): Mark | undefined => {
  if (text === null) return undefined;
  const [, atMs, epoch, pos, told] = /^(-?\d{1,15}):(\d{1,15}):(\d{1,15})(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (atMs === undefined) throw new Fault("malformed", "after");
  const mark = { atMs: Number(atMs), epoch: Number(epoch), pos: Number(pos) };
  return told === undefined ? mark : { ...mark, told: Number(told) };
};

/** For the position of each of these events the one that took it back, where that still holds. */
const undoingOf = async (
  sql: Sql,
  site: string,
  events: readonly LoggedEvent[],
  depth = undoDepthMax,
): Promise<ReadonlyMap<string, LoggedEvent>> => {
  const positions = events.map(({ epoch, pos }) => ({ epoch, pos }));
  const undoing = depth === 0 ? [] : await readUndoing(sql, site, positions);
  if (undoing.length === 0) return new Map();
  const undone = await undoingOf(sql, site, undoing, depth - 1);
  const holding = undoing.filter((one) => !undone.has(positionText(one)));
  // Of several the first counts, so it comes last.
  return new Map(
    holding
      .toReversed()
      .map((one) => [positionText({ epoch: one.epoch, pos: undonePosition(one) ?? 0 }), one]),
  );
};

/** An exported event, and where the ids lead that are told in it. */
export type Told = { readonly event: EpcisEvent; readonly ids: readonly GivenId[] };

const given = (id: string, { epoch, pos }: LoggedEvent, part: number): GivenId[] => {
  const digest = digestOfHashId(id);
  return digest === undefined ? [] : [{ digest, epoch, pos, part }];
};

/** Exports events of the log, each with its declaration when it was taken back; nothing for what EPCIS has no words for. */
export const tell = async (
  sql: Sql,
  site: ExportSite,
  events: readonly LoggedEvent[],
): Promise<(readonly Told[])[]> => {
  const undoing = await undoingOf(sql, site.id, events);
  return events.map((logged) => {
    const undoneBy = undoing.get(positionText(logged));
    return exportEvents(site, logged, undoneBy).map((event, part) => {
      const corrective = event.errorDeclaration?.correctiveEventIDs ?? [];
      const ids = [
        ...given(event.eventID, logged, part),
        ...(undoneBy === undefined
          ? []
          : corrective.flatMap((id, correctivePart) => given(id, undoneBy, correctivePart))),
      ];
      return { event, ids };
    });
  });
};

type PageQuery = {
  readonly limit: number;
  readonly descending: boolean;
  readonly after: string | null;
  readonly read: (after: Mark | undefined, rows: number) => Promise<Stretch>;
  readonly mayBeWanted: (event: LoggedEvent) => boolean;
  readonly isWanted: (event: EpcisEvent) => boolean;
};

/** What is left to tell of a row: several events of one row are told in the order of the page, and some may have been told before. */
const leftOf = (
  told: readonly Told[],
  row: Mark,
  { after, descending }: { readonly after: Mark | undefined; readonly descending: boolean },
): { readonly left: readonly Told[]; readonly before: number } => {
  const inOrder = descending ? told.toReversed() : told;
  const isSame = after !== undefined && after.epoch === row.epoch && after.pos === row.pos;
  const before = isSame ? (after.told ?? 0) : 0;
  return { left: inOrder.slice(before), before };
};

/**
 * Reads step by step until the page is full, the log ends or enough of it was looked at: only a part of what a filter asks for can be
 * told by columns, so a step may give little. Whatever ids are told are remembered first.
 */
export const readPage = async (
  sql: Sql,
  site: ExportSite,
  { limit, descending, after, read, mayBeWanted, isWanted }: PageQuery,
): Promise<{ events: EpcisEvent[]; next: string | null }> => {
  const events: EpcisEvent[] = [];
  const ids: GivenId[] = [];
  let mark = markOf(after);
  let bytes = 0;
  let isFull = false;
  let isOver = false;
  let rows = limit + 1;
  let exports = 0;

  /** Takes what is wanted of one row, as far as the page has room; where it has not, the mark says how far it came. */
  const take = (told: readonly Told[], row: Mark): void => {
    const { left, before } = leftOf(told, row, { after: mark, descending });
    for (const [index, one] of left.entries()) {
      if (!isWanted(one.event)) continue;
      bytes += Buffer.byteLength(JSON.stringify(one.event)) + 1;
      isFull = events.length >= limit || (events.length > 0 && bytes > answerBytesMax);
      if (isFull) {
        if (before + index > 0) mark = { ...row, told: before + index };
        return;
      }
      events.push(one.event);
      ids.push(...one.ids);
    }
    mark = row;
  };

  for (
    let seen = 0;
    seen < rowsPerAnswerMax && exports < exportsPerAnswerMax && !isFull && !isOver;
    seen += rows
  ) {
    rows = seen === 0 ? rows : Math.min(rows * stepGrowth, stepRowsMax);
    const stretch = await read(mark, rows);
    const possible = stretch.events.filter(({ event }) => mayBeWanted(event));
    const told = await tell(
      sql,
      site,
      possible.map(({ event }) => event),
    );
    exports += possible.length;
    for (const [index, row] of possible.entries()) {
      take(told[index] ?? [], row.mark);
      if (isFull) break;
    }
    if (isFull) break;
    isOver = stretch.end === undefined;
    mark = stretch.end ?? mark;
  }
  await rememberIds(sql, site.id, ids);
  return { events, next: isOver || mark === undefined ? null : markText(mark) };
};
