import type { Transaction } from "@tagwire/actor";
import { type Counts, type CountsTurned, countedClasses } from "../actors/counts.ts";
import type { SiteRun } from "../actors/happening.ts";
import type { StatusCounts } from "../actors/status-counts.ts";
import { type Reader, recordset, textArray } from "./rows.ts";

type ClassRow = { site: string; class: string; statuses: StatusCounts };
type SiteRow = { site: string; statuses: StatusCounts; quarantined: number; day: string | null };

const countsOf = (total: SiteRow | undefined, classes: readonly ClassRow[] = []): Counts => ({
  statuses: total?.statuses ?? {},
  quarantined: total?.quarantined ?? 0,
  day: total?.day ?? null,
  classes: new Map(classes.map((row) => [row.class, row.statuses])),
});

/** The counts that some happenings are about to change: of each site its totals, and the classes concerned. */
export const findCounts = async (
  sql: Reader,
  runs: readonly SiteRun[],
): Promise<ReadonlyMap<string, Counts>> => {
  const wanted = runs.flatMap(({ site, happenings }) =>
    [...countedClasses(happenings)].map((name) => ({ site, class: name })),
  );
  const [sites, classes] = await Promise.all([
    sql<SiteRow[]>`
      select site, statuses, quarantined, day::text
      from json_to_recordset(${recordset(runs.map(({ site }) => ({ site })))}::text::json) as wanted (site text)
      join site_figures using (site)`,
    wanted.length === 0
      ? []
      : sql<ClassRow[]>`
          select figures.* from json_to_recordset(${recordset(wanted)}::text::json) as wanted (site text, class text)
          cross join lateral (
            select * from class_figures where class_figures.site = wanted.site and class_figures.class = wanted.class limit 1
          ) figures`,
  ]);
  const totals = new Map(sites.map((row) => [row.site, row]));
  const bySite = Map.groupBy(classes, ({ site }) => site);
  return new Map(runs.map(({ site }) => [site, countsOf(totals.get(site), bySite.get(site))]));
};

/** All counts of a site. */
export const readCounts = async (sql: Reader, site: string): Promise<Counts> => {
  const [[total], classes] = await Promise.all([
    sql<SiteRow[]>`select site, statuses, quarantined, day::text from site_figures where site = ${site}`,
    sql<ClassRow[]>`select site, class, statuses from class_figures where site = ${site} order by class`,
  ]);
  return countsOf(total, classes);
};

type Changed = ReadonlyMap<string, CountsTurned>;

const saveTotals = (transaction: Transaction, changed: Changed) => {
  const rows = [...changed].map(([site, { statuses, quarantined, day }]) => ({
    site,
    statuses,
    quarantined,
    day,
  }));
  return transaction`
    insert into site_figures (site, statuses, quarantined, day)
    select site, statuses, quarantined, day
    from json_to_recordset(${recordset(rows)}::text::json) as given (site text, statuses jsonb, quarantined bigint, day date)
    on conflict (site) do update set
      statuses = excluded.statuses, quarantined = excluded.quarantined, day = excluded.day`;
};

const saveClasses = (transaction: Transaction, changed: Changed) => {
  const rows = [...changed].flatMap(([site, own]) =>
    [...own.classes].map(([name, statuses]) => ({ site, class: name, statuses })),
  );
  if (rows.length === 0) return undefined;
  return transaction`
    insert into class_figures (site, class, statuses)
    select site, class, statuses
    from json_to_recordset(${recordset(rows)}::text::json) as given (site text, class text, statuses jsonb)
    on conflict (site, class) do update set statuses = excluded.statuses`;
};

const saveClosings = (transaction: Transaction, changed: Changed) => {
  const rows = [...changed].flatMap(([site, { closings }]) => closings.map((one) => ({ site, ...one })));
  if (rows.length === 0) return undefined;
  return transaction`
    insert into class_closing (site, class, day, statuses, pos)
    select site, class, day, statuses, pos
    from json_to_recordset(${recordset(rows)}::text::json) as given (
      site text, class text, day date, statuses jsonb, pos bigint)
    on conflict (site, class, day) do update set statuses = excluded.statuses, pos = excluded.pos`;
};

const saveMoves = (transaction: Transaction, changed: Changed) => {
  const rows = [...changed].flatMap(([site, { moves }]) => moves.map((move) => ({ site, ...move })));
  if (rows.length === 0) return undefined;
  const column = (of: (row: (typeof rows)[number]) => string | null) =>
    transaction`unnest(${textArray(rows.map(of))}::text::text[])`;
  return transaction`
    insert into stock_move (site, pos, at, day, from_class, from_status, to_class, to_status)
    select site, pos::bigint, at::timestamptz, day::date, from_class, from_status, to_class, to_status
    from rows from (
      ${column(({ site }) => site)}, ${column(({ pos }) => String(pos))}, ${column(({ at }) => at)},
      ${column(({ day }) => day)}, ${column(({ from }) => from?.class ?? null)},
      ${column(({ from }) => from?.status ?? null)}, ${column(({ to }) => to?.class ?? null)},
      ${column(({ to }) => to?.status ?? null)}
    ) as given (site, pos, at, day, from_class, from_status, to_class, to_status)
    on conflict (site, pos) do nothing`;
};

const saveHeld = (transaction: Transaction, changed: Changed) => {
  const rows = [...changed].flatMap(([site, { held }]) => held.map((step) => ({ site, ...step })));
  if (rows.length === 0) return undefined;
  return transaction`
    insert into quarantine_step (site, pos, at, day, quarantined)
    select site, pos, at, day, quarantined
    from json_to_recordset(${recordset(rows)}::text::json) as given (
      site text, pos bigint, at timestamptz, day date, quarantined bigint)
    on conflict (site, pos) do nothing`;
};

/** Writes counts as they are now, and how they came to be. Safe to repeat: numbers are set, not added, and a move never changes. */
export const saveCounts = (transaction: Transaction, changed: Changed): Promise<unknown> =>
  Promise.all([
    saveTotals(transaction, changed),
    saveClasses(transaction, changed),
    saveClosings(transaction, changed),
    saveMoves(transaction, changed),
    saveHeld(transaction, changed),
  ]);
