import { createHash } from "node:crypto";
import { Fault } from "@tagwire/messages";
import postgres from "postgres";

/** A step of a schema's life. Its text never changes once released: a change is a new step. */
export type Migration = { readonly name: string; readonly sql: string };

// An arbitrary number that only this product uses, so that replicas starting together migrate one after the other.
const migrationLock = 7_461_677;
const undefinedTable = "42P01";
const undefinedSchema = "3F000";

/** Whether a statement failed because its table or schema is gone, as after a schema was dropped. */
export const isSchemaMissing = (error: unknown): boolean =>
  error instanceof postgres.PostgresError &&
  (error.code === undefinedTable || error.code === undefinedSchema);

const checksum = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * Brings a schema up to date, all or nothing, safe to repeat and to run from several replicas at once.
 *
 * @throws Fault `store.migration_changed` when a step that ran before now reads differently.
 */
export const migrate = async (
  url: string,
  schema: string,
  migrations: readonly Migration[],
): Promise<void> => {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} });
  try {
    await sql.begin(async (transaction) => {
      await transaction`select pg_advisory_xact_lock(${migrationLock})`;
      await transaction`create schema if not exists ${transaction(schema)}`;
      await transaction`select set_config('search_path', ${schema}, true)`;
      await transaction`
        create table if not exists migration (name text primary key, checksum text not null, ran_at timestamptz not null default now())`;
      const ran = new Map(
        (await transaction<{ name: string; checksum: string }[]>`select name, checksum from migration`).map(
          (row) => [row.name, row.checksum],
        ),
      );
      for (const { name, sql: text } of migrations) {
        const known = ran.get(name);
        if (known === checksum(text)) continue;
        if (known !== undefined) throw new Fault("store.migration_changed", `${schema}/${name}`);
        await transaction.unsafe(text);
        await transaction`insert into migration (name, checksum) values (${name}, ${checksum(text)})`;
      }
    });
  } catch (cause) {
    if (cause instanceof Fault || cause instanceof postgres.PostgresError) throw cause;
    throw new Fault("store.unreachable", schema, { cause });
  } finally {
    await sql.end({ timeout: 3 });
  }
};
