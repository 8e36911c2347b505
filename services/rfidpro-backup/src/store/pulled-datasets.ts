import type { RfidproDataset } from "@tagwire/messages";
import type { Sql, Transaction } from "@tagwire/store";
import type { PullOutcome } from "../actors/rows.ts";
import type { PullStart } from "../drivers/pull.ts";
import type { RowsOf } from "./staged-rows.ts";

/** What is known of a data set of a run: with what it began, and how it ended. */
export type PulledDataset = { readonly start: PullStart | null; readonly outcome: PullOutcome | null };

export const findDatasets = async (sql: Sql, run: string): Promise<Map<RfidproDataset, PulledDataset>> => {
  const rows = await sql<(PulledDataset & { dataset: RfidproDataset })[]>`
    select dataset, start, outcome from pulled_dataset where run = ${run}`;
  return new Map(rows.map(({ dataset, ...known }) => [dataset, known]));
};

/** How those data sets of a run ended that did. */
export const findOutcomes = async (sql: Sql, run: string): Promise<PullOutcome[]> =>
  [...(await findDatasets(sql, run)).values()].flatMap(({ outcome }) => outcome ?? []);

/** Keeps with what a data set began. `source` says where it is read, so that another house is never taken for this one. */
export const saveStart = async (
  sql: Sql,
  { run, dataset, source }: RowsOf & { readonly source: string },
  start: PullStart,
): Promise<void> => {
  await sql`
    insert into pulled_dataset (run, dataset, source, start)
    values (${run}, ${dataset}, ${source}, ${JSON.stringify(start)}::text::jsonb)
    on conflict (run, dataset) do update set start = excluded.start, source = excluded.source`;
};

export const saveOutcome = async (
  sql: Sql | Transaction,
  { run, dataset, source }: RowsOf & { readonly source: string },
  outcome: PullOutcome,
): Promise<void> => {
  await sql`
    insert into pulled_dataset (run, dataset, source, outcome)
    values (${run}, ${dataset}, ${source}, ${JSON.stringify(outcome)}::text::jsonb)
    on conflict (run, dataset) do update set outcome = excluded.outcome`;
};

/**
 * Up to when by RFIDpro's own clock all of a data set was read and archived for a site, in one pull or in one after the other; undefined
 * where it never was.
 */
export const findReadUntil = async (
  sql: Sql,
  {
    site,
    dataset,
    source,
  }: { readonly site: string; readonly dataset: RfidproDataset; readonly source: string },
): Promise<Date | undefined> => {
  const [row] = await sql<{ until: Date }[]>`
    select (outcome->>'until')::timestamptz as until from pulled_dataset join run on run.id = pulled_dataset.run
    where site = ${site} and dataset = ${dataset} and source = ${source} and outcome->>'verdict' = 'complete'
      and run.run->>'manifest' is not null
    order by 1 desc limit 1`;
  return row?.until;
};
