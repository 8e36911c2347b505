import type { Sql } from "@tagwire/store";

/** So many rows are deleted by one statement, which then is far from its time limit. */
const rowsAtOnceMax = 5_000;

const forget = async (some: () => PromiseLike<{ readonly count: number }>): Promise<void> => {
  while ((await some()).count === rowsAtOnceMax);
};

/**
 * Forgets what runs saw that were compared longer ago than so many days. What somebody signed stays with its signatures, since it is
 * evidence; and so does the newest comparison of each site, which the gates and the screen speak of.
 */
const forgetSeenByOldRuns = async (sql: Sql, days: number): Promise<void> => {
  const old = await sql<{ run: string }[]>`
    select run from comparison where compared_at < now() - ${days} * interval '1 day'
      and run not in (select run from signature)
      and run not in (select distinct on (site) run from comparison order by site, compared_at desc)`;
  for (const { run } of old) {
    await forget(
      () => sql`
        delete from run_difference where ctid = any(array(
          select ctid from run_difference where run = ${run} limit ${rowsAtOnceMax}))`,
    );
    await sql`delete from comparison where run = ${run}`;
  }
};

/** Forgets differences that were settled or gone, and not seen again for so many days, with their histories. */
const forgetSettled = (sql: Sql, days: number): Promise<void> =>
  forget(
    () => sql`
      with old as (
        select site, id from difference where state in ('resolved', 'false_positive', 'gone')
          and last_seen_at < now() - ${days} * interval '1 day' limit ${rowsAtOnceMax}
      ), lines as (
        delete from difference_line using old where difference_line.site = old.site and difference_line.id = old.id
      )
      delete from difference using old where difference.site = old.site and difference.id = old.id`,
  );

/** Forgets what sites had when an import was previewed, where that is done or can be done no more: its rows are not staged. */
const forgetKnown = (sql: Sql): Promise<void> =>
  forget(
    () => sql`
      delete from import_known where ctid = any(array(
        select known.ctid from import_known known join run on run.id = known.run
        where not run.staged or exists (select from import where import.run = known.run and import.state = 'done')
        limit ${rowsAtOnceMax}))`,
  );

/** Forgets the rows of a preview that nobody confirmed and nobody can any more; those of an import that was begun are evidence. */
const forgetRuledRows = (sql: Sql): Promise<void> =>
  forget(
    () => sql`
      delete from import_row where ctid = any(array(
        select ruled.ctid from import_row ruled join run on run.id = ruled.run
        where not run.staged and not exists (select from import where import.run = ruled.run) limit ${rowsAtOnceMax}))`,
  );

/** Forgets what comparisons and imports have left, so that it grows with what is compared and not with the years. */
export const forgetOldComparisons = async (sql: Sql, days: number): Promise<void> => {
  await forgetSeenByOldRuns(sql, days);
  await forgetSettled(sql, days);
  await forgetKnown(sql);
  await forgetRuledRows(sql);
};
