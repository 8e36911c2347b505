import type { Transaction } from "@tagwire/actor";
import { type Counts, countedClasses } from "../actors/counts.ts";
import type { SiteRun } from "../actors/happening.ts";
import type { StatusCounts } from "../actors/status-counts.ts";
import { type Reader, recordset } from "./rows.ts";

type ClassRow = { site: string; class: string; statuses: StatusCounts };
type SiteRow = { site: string; statuses: StatusCounts; quarantined: number };

const countsOf = (total: SiteRow | undefined, classes: readonly ClassRow[] = []): Counts => ({
  statuses: total?.statuses ?? {},
  quarantined: total?.quarantined ?? 0,
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
      select site, statuses, quarantined
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
    sql<SiteRow[]>`select site, statuses, quarantined from site_figures where site = ${site}`,
    sql<ClassRow[]>`select site, class, statuses from class_figures where site = ${site} order by class`,
  ]);
  return countsOf(total, classes);
};

/** Writes counts as they are now. Safe to repeat: numbers are set, not added. */
export const saveCounts = (
  transaction: Transaction,
  changed: ReadonlyMap<string, Counts>,
): Promise<unknown> => {
  const totals = [...changed].map(([site, { statuses, quarantined }]) => ({ site, statuses, quarantined }));
  const classes = [...changed].flatMap(([site, own]) =>
    [...own.classes].map(([name, statuses]) => ({ site, class: name, statuses })),
  );
  return Promise.all([
    transaction`
      insert into site_figures (site, statuses, quarantined)
      select site, statuses, quarantined
      from json_to_recordset(${recordset(totals)}::text::json) as given (site text, statuses jsonb, quarantined bigint)
      on conflict (site) do update set statuses = excluded.statuses, quarantined = excluded.quarantined`,
    classes.length > 0 &&
      transaction`
        insert into class_figures (site, class, statuses)
        select site, class, statuses
        from json_to_recordset(${recordset(classes)}::text::json) as given (site text, class text, statuses jsonb)
        on conflict (site, class) do update set statuses = excluded.statuses`,
  ]);
};
