import { ItemCreated, ItemEdited, ItemUndone } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { type Act, stationOf } from "../actors/act.ts";
import { goesOut, isBack } from "../actors/contract-moves.ts";
import { type PastStep, pastOf } from "../actors/past-scans.ts";

/** Kinds of events without a scan that a thing's past is told from, and scans that it is. */
const tellingTypes = [ItemCreated.type, ItemEdited.type, ItemUndone.type];
const tellingScans = ["rental", "delivery", "return", "pickup", "service"];

type Row = {
  pos: number;
  type: string;
  tag: string;
  contract: string | null;
  scanned_at: Date | null;
  received_at: Date;
  data: Record<string, unknown>;
};

const stepOf = (row: Row): PastStep => ({
  ...{
    pos: row.pos,
    type: row.type,
    tag: row.tag,
    receivedAt: row.received_at.toISOString(),
    data: row.data,
  },
  ...(row.contract === null ? {} : { contract: row.contract }),
  ...(row.scanned_at === null ? {} : { scannedAt: row.scanned_at.toISOString() }),
});

/** The events that say what sent things out on contracts and brought them back, by tag, in the order of the log. */
export const findPasts = async (
  sql: Sql,
  site: string,
  tags: readonly string[],
): Promise<Map<string, readonly PastStep[]>> => {
  if (tags.length === 0) return new Map();
  const rows = await sql<Row[]>`
    select pos, type, tag, contract, scanned_at, received_at, jsonb_strip_nulls(jsonb_build_object(
      'outcome', data->'outcome', 'flags', data->'flags', 'undoes', data->'undoes', 'moves', data->'moves',
      'scan', jsonb_build_object('type', data->'scan'->'type', 'contract', data->'scan'->'contract'),
      'set', jsonb_build_object('status', data->'set'->'status'), 'was', jsonb_build_object('contract', data->'was'->'contract')
    )) as data
    from event where site = ${site} and tag = any(${[...new Set(tags)]}::text[])
      and (type = any(${tellingTypes}::text[]) or data->'scan'->>'type' = any(${tellingScans}::text[]))
    order by epoch, pos`;
  return Map.groupBy(rows.map(stepOf), ({ tag }) => tag ?? "");
};

/**
 * Acts that may send a thing out or bring it back too late to change its item, of those that may be late at all: what a reader hears may
 * be such a scan.
 */
export const outOrBack = (acts: readonly Act[]): Act[] =>
  acts.filter(
    (act) =>
      act.kind === "scan" &&
      (goesOut.has(act.scan.type) || isBack.has(act.scan.type) || stationOf(act) !== undefined),
  );

/** The contracts that the pasts of things name: where one of them is another contract by now, what is told too late is of that one. */
export const contractsOfPasts = (pasts: ReadonlyMap<string, readonly PastStep[]>): string[] => [
  ...new Set([...pasts.values()].flatMap((steps) => pastOf(steps).flatMap(({ contract }) => contract ?? []))),
];
