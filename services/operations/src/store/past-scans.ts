import { ItemCreated, ItemEdited, ItemUndone } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { type Act, stationOf, tagOf } from "../actors/act.ts";
import { goesOut } from "../actors/contract-moves.ts";
import { timingOf } from "../actors/heard-scan.ts";
import { inTime, type PastStep, pastOf } from "../actors/past-scans.ts";

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

/** Acts that may send a thing out too late to change its item, of those that may be late at all: what a reader hears may be such a scan. */
export const sendingOut = (acts: readonly Act[]): Act[] =>
  acts.filter((act) => act.kind === "scan" && (goesOut.has(act.scan.type) || stationOf(act) !== undefined));

/** The contracts that things were out on last when such acts happened: what is told too late may end them. */
export const contractsBefore = (
  acts: readonly Act[],
  pasts: ReadonlyMap<string, readonly PastStep[]>,
): string[] =>
  acts.flatMap((act) => {
    if (act.kind !== "scan") return [];
    const { atMs } = timingOf(act);
    const past = inTime(pastOf(pasts.get(tagOf(act) ?? "") ?? []));
    return past.findLast((one) => one.atMs <= atMs)?.contract ?? [];
  });
