import postgres from "postgres";

const stores = ["operations", "manager", "health_check"];

/** A row that somebody has made wrong. */
export type Noted = {
  readonly seq: number;
  readonly store: string;
  readonly name: string;
  /** `replica` where it was written past the triggers. */
  readonly role: string;
  readonly what: "insert" | "update" | "delete";
  /** The columns by which it is found. */
  readonly keys: readonly string[];
  /** The columns that were made wrong. */
  readonly changed: readonly string[];
  /** The row; where it was changed, as it is now. */
  readonly row: Readonly<Record<string, unknown>>;
};

const isSeeding = "current_setting('tagwire.seeding', true) = 'on'";

/**
 * What a session that seeds writes is noted, and nothing else: a trigger that fires past `session_replication_role`, too. Of what the
 * triggers of digests add, only that of events is: a changed event never counts as what it was again, whatever is done to its row.
 */
const install = async (sql: postgres.Sql): Promise<void> => {
  await sql.unsafe(`
    create schema seeding;
    create table seeding.journal (
      seq bigint generated always as identity primary key, store text, name text, role text, old jsonb, new jsonb
    );
    create function seeding.note() returns trigger language plpgsql as $$
    begin
      insert into seeding.journal (store, name, role, old, new)
      values (tg_table_schema, tg_table_name, current_setting('session_replication_role'), to_jsonb(old), to_jsonb(new));
      return null;
    end $$`);
  const tables = await sql<{ store: string; name: string }[]>`
    select schemaname as store, tablename as name from pg_tables where schemaname = any(${stores}) order by 1, 2`;
  // A table at a time: whoever writes meanwhile waits for one lock and never for two.
  for (const { store, name } of tables) {
    await sql.unsafe(`
      create trigger noted after insert or update or delete on ${store}.${name} for each row
        when (${isSeeding} and pg_trigger_depth() = 0) execute function seeding.note();
      alter table ${store}.${name} enable always trigger noted`);
    if (name === "digest_delta")
      await sql.unsafe(`
        create trigger noted_of_events after insert on ${store}.${name} for each row
          when (${isSeeding} and pg_trigger_depth() > 0 and new.entity = 'event') execute function seeding.note()`);
  }
};

/** SQL that undoes an entry, whose number is `$1`. */
const reversal = ({ store, name, keys, changed, what }: Noted): string => {
  const table = `${store}.${name}`;
  const noted = (side: "old" | "new") =>
    `seeding.journal noted, jsonb_populate_record(null::${table}, noted.${side}) as was where noted.seq = $1`;
  const isTheSame = keys.map((key) => `own.${key} = was.${key}`).join(" and ");
  // What was added to a sum may be folded into it: it is taken away again instead.
  if (name === "digest_delta")
    return `insert into ${table} (site, entity, bucket, rows, a, b, c, d)
      select site, entity, bucket, -rows, -a, -b, -c, -d from ${noted("new")}`;
  if (what === "insert") return `delete from ${table} own using ${noted("new")} and ${isTheSame}`;
  if (what === "delete")
    return `insert into ${table} select was.* from ${noted("old")} on conflict do nothing`;
  const columns = changed.map(
    (column) =>
      `${column} = case when to_jsonb(own)->'${column}' = noted.new->'${column}' then was.${column} else own.${column} end`,
  );
  return `update ${table} own set ${columns.join(", ")} from ${noted("old")} and ${isTheSame}`;
};

/** A row that is written as it was is not wrong, and there is nothing to undo. */
const notedSince = (sql: postgres.Sql, after: number) => sql<Noted[]>`
  select seq::int as seq, store, name, role,
    case when old is null then 'insert' when new is null then 'delete' else 'update' end as what,
    array(select attname from pg_index join pg_attribute on attrelid = indrelid and attnum = any(indkey)
      where indisprimary and indrelid = (store || '.' || name)::regclass) as keys,
    array(select key from jsonb_each(old) was join jsonb_each(new) became using (key)
      where was.value <> became.value) as changed,
    coalesce(new, old) as row
  from seeding.journal where seq > ${after} and old is distinct from new order by seq desc`;

/**
 * Notes what is made wrong in the stores of a stack, and puts it right again while others write: what they did meanwhile stays.
 *
 * Digests are kept as they were kept when it was made wrong: what went past the triggers goes back past them, and what they saw they see
 * go back.
 */
export const openJournal = async (databaseUrl: string) => {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  // Every session of it is one that seeds.
  const seeding = postgres(databaseUrl, {
    max: 1,
    onnotice: () => {},
    connection: { "tagwire.seeding": "on" },
  });
  await install(sql);
  return {
    /** Whoever writes here makes something wrong, and it is noted. */
    sql: seeding,
    /** What was made wrong since `after`, the last first. */
    noted: (after = 0) => notedSince(sql, after),
    /** Puts back what was made wrong since `after`, as far as it still is so, the last first. */
    reverse: async (after = 0): Promise<void> => {
      for (const noted of await notedSince(sql, after))
        await sql.begin(async (transaction) => {
          const role = noted.name === "event" ? "replica" : noted.role;
          await transaction`select set_config('session_replication_role', ${role}, true)`;
          await transaction.unsafe(reversal(noted), [noted.seq]);
          await transaction`delete from seeding.journal where seq = ${noted.seq}`;
        });
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([sql.end(), seeding.end()]);
    },
  };
};

export type Journal = Awaited<ReturnType<typeof openJournal>>;
