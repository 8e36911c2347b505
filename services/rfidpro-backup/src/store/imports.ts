import { Fault, type RfidproImport, type RfidproImportPreview } from "@tagwire/messages";
import { inTransaction, type Sql, type Transaction } from "@tagwire/store";
import { baselineIdOf } from "../actors/deterministic-id.ts";
import { canGoOn } from "./importable-run.ts";

/** What an import leaves alone, as the site had it when it was previewed. */
export type KnownKind = "item" | "imported" | "bare" | "class";

const keysPerStep = 2_000;

/** Keeps a preview, and beside it what the site had then: whatever is planned later is planned on that. */
export const savePreview = async (
  sql: Sql,
  preview: RfidproImportPreview,
  { epoch, rows }: { readonly epoch: number; readonly rows: string },
): Promise<void> => {
  await sql`
    insert into import_preview (run, site, epoch, preview, rows)
    values (${preview.run}, ${preview.site}, ${epoch}, ${JSON.stringify(preview)}::text::jsonb, ${rows})
    on conflict (run) do update set epoch = excluded.epoch, preview = excluded.preview, rows = excluded.rows`;
  // Those of the preview before are of nothing any more.
  await sql`delete from import_row where run = ${preview.run} and made <> ${rows}`;
};

export const findPreview = async (sql: Sql, run: string): Promise<RfidproImportPreview | undefined> => {
  const [row] = await sql<
    { preview: RfidproImportPreview }[]
  >`select preview from import_preview where run = ${run}`;
  return row?.preview;
};

type Noted = {
  readonly run: string;
  readonly site: string;
  readonly classes: readonly string[];
  /** The device that makes what is imported: such items are noted as imported or bare, too. */
  readonly importedBy: string;
};

/** Notes what imports have made: as imported where the record has its baseline, and as bare where the import ended before that. */
const noteImported = async (
  transaction: Transaction,
  { run, site, importedBy }: Omit<Noted, "classes">,
): Promise<void> => {
  for (let after = ""; ; ) {
    const rows = await transaction<{ tag: string }[]>`
      select tag from operations_item where site = ${site} and made_by->>'device' = ${importedBy} and tag > ${after}
      order by tag limit ${keysPerStep}`;
    const last = rows.at(-1);
    if (last === undefined) return;
    const baselines = rows.map(({ tag }) => baselineIdOf(site, tag));
    await transaction`
      insert into import_known (run, kind, key)
      select ${run}, case when exists (
        select from operations_scan of where of.site = ${site} and of.tag = made.tag and of.scan->>'id' = made.baseline
      ) then 'imported' else 'bare' end, made.tag
      from unnest(${rows.map(({ tag }) => tag)}::text[], ${baselines}::text[]) as made (tag, baseline)`;
    after = last.tag;
  }
};

/** Notes which items a site has now, by its log, and which classes. @returns how many items */
export const noteKnown = async (sql: Sql, { run, site, classes, importedBy }: Noted): Promise<number> =>
  inTransaction(sql, async (transaction) => {
    await transaction`delete from import_known where run = ${run}`;
    const items = await transaction`
      insert into import_known (run, kind, key) select ${run}, 'item', tag from operations_item where site = ${site}`;
    await noteImported(transaction, { run, site, importedBy });
    for (let from = 0; from < classes.length; from += keysPerStep)
      await transaction`
        insert into import_known (run, kind, key)
        select distinct ${run}::uuid, 'class', name from unnest(${classes.slice(from, from + keysPerStep)}::text[]) as given (name)`;
    return items.count;
  });

/** Which of these the site had when the import was previewed. */
export const findKnownKeys = async (
  sql: Sql,
  run: string,
  kind: KnownKind,
  keys: readonly string[],
): Promise<ReadonlySet<string>> => {
  const rows = await sql<{ key: string }[]>`
    select key from import_known where run = ${run} and kind = ${kind} and key = any(${[...keys]}::text[])`;
  return new Set(rows.map(({ key }) => key));
};

/** An item that was made since the preview; undefined when there is none. */
export const findNewcomer = async (
  sql: Sql,
  { run, site }: { readonly run: string; readonly site: string },
): Promise<string | undefined> => {
  const [row] = await sql<{ tag: string }[]>`
    select tag from operations_item i where site = ${site}
      and not exists (select from import_known k where k.run = ${run} and k.kind = 'item' and k.key = i.tag)
    limit 1`;
  return row?.tag;
};

/** So long an import is its owner's after the owner last said that it is alive: then another may take it up. */
export const importOwnedForMs = 20_000;
/** Its owner says so every two seconds: one that has said nothing for so long may be gone. */
const unheardAfterMs = 6_000;

/** An import as it is kept, and whether its owner is still heard of. */
export const findImport = async (
  sql: Sql,
  run: string,
): Promise<
  { readonly import: RfidproImport; readonly isUnheard: boolean; readonly isLost: boolean } | undefined
> => {
  const [row] = await sql<{ import: RfidproImport; is_unheard: boolean; is_lost: boolean }[]>`
    select import, state = 'running' and beat_at < clock_timestamp() - ${importOwnedForMs} * interval '1 ms' as is_lost,
      state = 'running' and beat_at < clock_timestamp() - ${unheardAfterMs} * interval '1 ms' as is_unheard
    from import where run = ${run}`;
  return row === undefined
    ? undefined
    : { import: row.import, isUnheard: row.is_unheard, isLost: row.is_lost };
};

/**
 * An import of a site that ended early and can be gone on with, other than that of a run; undefined where there is none. What it made may be
 * bare, and only it knows what it has still to bring.
 */
export const findUnfinished = async (
  sql: Sql | Transaction,
  { site, run }: { readonly site: string; readonly run: string },
): Promise<string | undefined> => {
  const failed = await sql<{ run: string }[]>`
    select run from import where site = ${site} and state = 'failed' and run <> ${run} order by run`;
  for (const one of failed) if (await canGoOn(sql, one.run)) return one.run;
  return undefined;
};

/**
 * Begins an import for an owner: false when another one of this site is not at its end yet.
 *
 * @throws Fault `rfidpro.import_unfinished` when another one ended early and can be gone on with
 */
export const claimImport = async (sql: Sql, begun: RfidproImport, owner: string): Promise<boolean> =>
  inTransaction(sql, async (transaction) => {
    const { run, site, state } = begun;
    await transaction`select pg_advisory_xact_lock(hashtext(${`import ${site}`}))`;
    const [busy] = await transaction`select from import where site = ${site} and state = 'running'`;
    if (busy !== undefined) return false;
    const unfinished = await findUnfinished(transaction, begun);
    if (unfinished !== undefined) throw new Fault("rfidpro.import_unfinished", `the import of ${unfinished}`);
    await transaction`
      insert into import (run, site, owner, beat_at, state, import)
      values (${run}, ${site}, ${owner}, clock_timestamp(), ${state}, ${JSON.stringify(begun)}::text::jsonb)
      on conflict (run) do update set owner = excluded.owner, beat_at = excluded.beat_at, state = excluded.state,
        import = excluded.import`;
    return true;
  });

/** Imports whose owner is not heard of any more. */
export const findLostImports = async (sql: Sql): Promise<string[]> => {
  const rows = await sql<{ run: string }[]>`
    select run from import where state = 'running'
      and beat_at < clock_timestamp() - ${importOwnedForMs} * interval '1 ms'`;
  return rows.map(({ run }) => run);
};

/** Makes an import whose owner is not heard of any more another's; undefined where somebody else was first. */
export const takeUpImport = async (
  sql: Sql,
  run: string,
  owner: string,
): Promise<RfidproImport | undefined> => {
  const [row] = await sql<{ import: RfidproImport }[]>`
    update import set owner = ${owner}, beat_at = clock_timestamp() where run = ${run} and state = 'running'
      and beat_at < clock_timestamp() - ${importOwnedForMs} * interval '1 ms'
    returning import`;
  return row?.import;
};

/** Gives an import up, so that whoever looks next goes on with it. */
export const giveUpImport = async (sql: Sql, run: string, owner: string): Promise<void> => {
  await sql`update import set beat_at = '-infinity' where run = ${run} and owner = ${owner} and state = 'running'`;
};

/** Says that an import's owner is alive. @throws Fault `lease.lost` where it is not the owner any more */
export const renewImport = async (sql: Sql, run: string, owner: string): Promise<void> => {
  const { count } = await sql`
    update import set beat_at = clock_timestamp() where run = ${run} and owner = ${owner} and state = 'running'`;
  if (count === 0) throw new Fault("lease.lost", run);
};

/** Keeps how far an import is. @throws Fault `lease.lost` where it is another's by now */
export const saveImport = async (sql: Sql, progress: RfidproImport, owner: string): Promise<void> => {
  const { run, state } = progress;
  const { count } = await sql`
    update import set beat_at = clock_timestamp(), state = ${state}, import = ${JSON.stringify(progress)}::text::jsonb
    where run = ${run} and owner = ${owner} and state = 'running'`;
  if (count === 0) throw new Fault("lease.lost", run);
};
