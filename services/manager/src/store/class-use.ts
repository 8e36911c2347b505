import type { Transaction } from "@tagwire/actor";
import type { ClassDay } from "@tagwire/messages";
import { type ClassUse, usedFrom } from "../actors/class-use.ts";
import { calendarOf } from "../actors/day.ts";
import type { SiteRun } from "../actors/happening.ts";
import { type Reader, recordset } from "./rows.ts";

type Row = ClassDay & { readonly site: string };

/** The days of classes that some happenings are about to change, and the one before each. */
export const findUse = async (
  sql: Reader,
  runs: readonly SiteRun[],
): Promise<ReadonlyMap<string, ClassUse>> => {
  const wanted = runs.flatMap(({ site, timeZone, happenings }) =>
    [...usedFrom(happenings, calendarOf(timeZone))].map(([name, from]) => ({ site, class: name, from })),
  );
  const rows = await sql<Row[]>`
    select wanted.site, wanted.class, each.day::text, each.statuses, each.pos
    from json_to_recordset(${recordset(wanted)}::text::json) as wanted (site text, class text, "from" date)
    cross join lateral (
      (select day, statuses, pos from class_use used
        where used.site = wanted.site and used.class = wanted.class and used.day < wanted."from"
        order by used.day desc limit 1)
      union all
      select day, statuses, pos from class_use used
      where used.site = wanted.site and used.class = wanted.class and used.day >= wanted."from"
    ) each
    order by wanted.site, wanted.class, each.day`;
  const bySite = Map.groupBy(rows, ({ site }) => site);
  return new Map(
    runs.map(({ site }) => {
      const own = (bySite.get(site) ?? []).map(({ site: _site, ...day }): ClassDay => day);
      return [site, Map.groupBy(own, (day) => day.class)];
    }),
  );
};

/** Writes days of classes as they are now. Safe to repeat: numbers are set, not added. */
export const saveUse = async (
  transaction: Transaction,
  changed: ReadonlyMap<string, readonly ClassDay[]>,
): Promise<void> => {
  const rows = [...changed].flatMap(([site, days]) => days.map((day) => ({ site, ...day })));
  if (rows.length === 0) return;
  await transaction`
    insert into class_use (site, class, day, statuses, pos)
    select site, class, day, statuses, pos
    from json_to_recordset(${recordset(rows)}::text::json) as given (
      site text, class text, day date, statuses jsonb, pos bigint)
    on conflict (site, class, day) do update set statuses = excluded.statuses, pos = excluded.pos`;
};
