import { digestText, emptyDigest } from "@tagwire/digest";
import type { Contract, Item, LoggedEvent, Session } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { expect } from "vitest";
import { addItem } from "./actors/item-digest.ts";
import { groupCounts, type StatusCounts } from "./actors/status-counts.ts";
import { answerDashboard } from "./answers/dashboard.ts";
import { answerItemDigest } from "./answers/item-digest.ts";
import { boardTables } from "./boards/boards.ts";
import { digests } from "./boards/digests.ts";
import { readClasses } from "./store/classes.ts";
import { readItems } from "./store/items.ts";
import { findPosition } from "./store/sites.ts";
import type { SampleLog } from "./test-log.ts";
import { recordsOf } from "./test-records.ts";

/** Whether the projection has applied the whole log. */
export const isLevel = async (sql: Sql, log: SampleLog): Promise<boolean> => {
  const at = await findPosition(sql, log.site);
  return at?.epoch === log.epoch && at.pos === log.events.length;
};

const rowsOf = async (sql: Sql, site: string): Promise<Map<string, Item>> => {
  const rows = new Map<string, Item>();
  await sql.begin(async (transaction) => {
    for await (const item of readItems(transaction, site)) rows.set(item.tag, item);
  });
  return rows;
};

/** Rows, digest, dashboard and quarantine are exactly what the log says. */
export const expectEqualToLog = async (sql: Sql, log: SampleLog): Promise<void> => {
  expect(await rowsOf(sql, log.site)).toEqual(log.items);

  const digest = [...log.items.values()].reduce(addItem, emptyDigest);
  expect(await answerItemDigest(sql, log.site)).toEqual({
    epoch: log.epoch,
    pos: log.events.length,
    digest: digestText(digest),
  });

  const recount = await sql<{ class: string; status: string; items: number }[]>`
    select class, status, count(*)::int as items from item where site = ${log.site} group by class, status`;
  const byClass = Map.groupBy(recount, (row) => row.class);
  const classes = [...byClass].map(([name, rows]) => ({
    class: name,
    ...groupCounts(Object.fromEntries(rows.map(({ status, items }) => [status, items])) as StatusCounts),
  }));
  const { dashboard } = await answerDashboard(sql, log.site, Date.now());
  const counted = (dashboard?.classes ?? [])
    .filter(({ total }) => total > 0)
    .map(({ total, ready, available, staged, provisioned, out, inService, missing, ended, ...row }) => ({
      class: row.class,
      ...{ total, ready, available, staged, provisioned, out, inService, missing, ended },
    }));
  expect(new Map(counted.map((row) => [row.class, row]))).toEqual(
    new Map(classes.map((row) => [row.class, row])),
  );
  expect(dashboard?.totals.total).toBe(log.items.size);
  // What waits: scans of tags that were neither commissioned nor dismissed since.
  const open = log.events.filter(
    ({ type, tag, pos }) =>
      type === "scan.quarantined.v1" &&
      !log.items.has(tag ?? "") &&
      !log.events.some((later) => later.type === "scan.dismissed.v1" && later.tag === tag && later.pos > pos),
  );
  expect(dashboard?.totals.quarantined).toBe(open.length);

  const [scanned] = await sql<{ scans: number; rejected: number; quarantined: number }[]>`
    select coalesce(sum(scans), 0)::int as scans, coalesce(sum(rejected), 0)::int as rejected,
      coalesce(sum(quarantined), 0)::int as quarantined
    from minute_figures where site = ${log.site}`;
  const scans = log.events.filter(
    ({ scanId, data }) => scanId !== undefined && !JSON.stringify(data).includes("from_quarantine"),
  );
  expect(scanned?.scans).toBe(scans.length);
  expect(scanned?.quarantined).toBe(scans.filter(({ type }) => type === "scan.quarantined.v1").length);
  expect(scanned?.rejected).toBe(scans.filter((event) => outcomeIn(event) === "rejected").length);
  await expectTalliesOf(sql, log);
  await expectFlaggedOf(sql, log);
};

/** What a scan's event says of how it ended, read from the event alone. */
const outcomeIn = ({ type, data }: LoggedEvent): string => {
  if (type === "scan.quarantined.v1") return "quarantined";
  return type === "scan.refused.v1" ? "rejected" : String(data.outcome);
};

/** Who scanned how much, by hour and by day, is exactly what the log says; the log is no older than hours are kept. */
const expectTalliesOf = async (sql: Sql, log: SampleLog): Promise<void> => {
  const expected = new Map<string, number>();
  for (const event of log.events) {
    if (event.scanId === undefined || JSON.stringify(event.data).includes("from_quarantine")) continue;
    for (const [kind, who] of Object.entries(event.by))
      for (const span of ["day", "hour"]) {
        const key = [span, kind, who, outcomeIn(event)].join(" ");
        expected.set(key, (expected.get(key) ?? 0) + 1);
      }
  }
  const rows = await sql<{ key: string; scans: number }[]>`
    select span || ' ' || kind || ' ' || who || ' ' || outcome as key, sum(scans)::int as scans
    from scan_tally, lateral (values
      ('accepted', accepted), ('already_applied', already_applied), ('rejected', rejected), ('quarantined', quarantined)
    ) each (outcome, scans)
    where site = ${log.site} group by key having sum(scans) > 0`;
  expect(new Map(rows.map(({ key, scans }) => [key, scans]))).toEqual(expected);
};

/** What is odd about a scan, read from its event alone; the log's own scans are recorded within a second. */
const marksIn = (event: LoggedEvent): string[] => {
  const { flags = [], code } = event.data as { flags?: string[]; code?: string };
  if (event.scanId === undefined) return [];
  const outcome = outcomeIn(event);
  const codes = code === undefined || outcome === "quarantined" ? [] : [code];
  return [...flags, ...codes, ...(outcome === "rejected" ? ["rejected"] : [])];
};

/** What is flagged or rejected is listed under each of its marks, and nothing else is. */
const expectFlaggedOf = async (sql: Sql, log: SampleLog): Promise<void> => {
  const expected = log.events.flatMap((event) => marksIn(event).map((mark) => `${event.pos} ${mark}`));
  const marks = await sql<{ mark: string }[]>`
    select pos || ' ' || mark as mark from flagged_mark where site = ${log.site}`;
  expect(new Set(marks.map(({ mark }) => mark))).toEqual(new Set(expected));
  const scans = await sql<
    { pos: number }[]
  >`select pos from flagged_scan where site = ${log.site} order by pos`;
  const flagged = log.events.filter((event) => marksIn(event).length > 0);
  expect(scans.map(({ pos }) => pos)).toEqual(flagged.map(({ pos }) => pos));
};

/** Contracts, sessions and classes are exactly what the log says when it is folded at once. */
export const expectRecordsOf = async (sql: Sql, log: SampleLog): Promise<void> => {
  const records = recordsOf(log.events);
  const { site } = log;
  const contracts = await sql<{ contract: Contract }[]>`select contract from contract where site = ${site}`;
  expect(new Map(contracts.map(({ contract }) => [contract.number, contract]))).toEqual(records.contracts);
  const members = await sql`
    select contract, tag, class, state, out_at as "outAt", back_at as "backAt", pos from contract_member
    where site = ${site} order by contract, tag`;
  expect([...members]).toEqual([...records.members.entries()].sort(byKey).map(([, member]) => member));
  const sessions = await sql<{ session: Session }[]>`select session from session where site = ${site}`;
  expect(new Map(sessions.map(({ session }) => [session.id, session]))).toEqual(records.sessions);
  const tags = await sql`
    select session, tag, expected, outcome, type, class, seen_at as "seenAt", beside from session_tag
    where site = ${site} order by session, tag`;
  expect([...tags]).toEqual([...records.tags.entries()].sort(byKey).map(([, tag]) => tag));
  expect(await readClasses(sql, site)).toEqual(records.classes);
};

const byKey = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number =>
  left < right ? -1 : 1;

/** Every row of every board, table by table, in an order of their own. Of digests their sums: how they are cut depends on the batches. */
export const everyRow = async (sql: Sql): Promise<Record<string, unknown[]>> => {
  const sums = await sql<{ text: string }[]>`
    select concat_ws(' ', site, entity, bucket, sum(rows), sum(a), sum(b), sum(c), sum(d)) as text
    from (select * from digest union all select * from digest_delta) parts
    group by site, entity, bucket having sum(rows) <> 0 order by 1`;
  const tables = await Promise.all(
    boardTables
      .filter((table) => !digests.tables.includes(table))
      .map(async (table) => {
        const rows = await sql<{ text: string }[]>`
        select given::text as text from ${sql(table)} given order by 1`;
        return [table, rows.map(({ text }) => text)] as const;
      }),
  );
  return { ...Object.fromEntries(tables), digest: sums.map(({ text }) => text) };
};
