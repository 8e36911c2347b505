import { Fault } from "@tagwire/messages";
import { Kysely } from "kysely";
import type { Logger } from "pino";
import postgres from "postgres";
import { poolDialect } from "./pool-dialect.ts";

/** postgres.js with our types: int8 as number (positions stay far below 2^53), the rest as it comes. */
export type Sql = postgres.Sql<{ bigint: number }>;

export type StoreOptions = {
  readonly url: string;
  /** The one schema this service owns. It is the whole search path, so nothing else is in reach by accident. */
  readonly schema: string;
  readonly name: string;
  readonly log: Logger;
  readonly connectionsMax?: number;
  /** The longest a statement, and with Postgres 17+ a whole transaction, may take. */
  readonly transactionTimeoutMs?: number;
  /** Plans each statement once for all parameters: for few, hot statements whose plan never depends on them. */
  readonly plansOnce?: boolean;
};

export type Store<Tables> = {
  /** Typed and cool: for reads by key and everyday writes. */
  readonly db: Kysely<Tables>;
  /** For the few hot statements, where the text is ours to the letter. */
  readonly sql: Sql;
  /** Whether Postgres answers right now, within a second. */
  readonly isAnswering: () => Promise<boolean>;
  readonly close: () => Promise<void>;
};

const connectionsMaxDefault = 8;
const transactionTimeoutMsDefault = 15_000;
const idleTimeoutSeconds = 60;
const connectTimeoutSeconds = 10;
const closeTimeoutSeconds = 3;
const reconnectDelaySecondsFirst = 0.05;
/** The driver's own bound is 20 s, which is how long we would stay away after Postgres is back. */
const reconnectDelaySecondsMax = 1;
const answerTimeoutMs = 1_000;
const firstVersionWithTransactionTimeout = 170_000;

const int8 = {
  to: 20,
  from: [20],
  serialize: (value: number) => String(value),
  parse: (text: string) => Number(text),
};

const versionOf = async (url: string): Promise<number> => {
  const probe = postgres(url, {
    max: 1,
    connect_timeout: connectTimeoutSeconds,
    fetch_types: false,
    onnotice: () => {},
  });
  try {
    const [row] = await probe<[{ version: string }]>`select current_setting('server_version_num') as version`;
    return Number(row.version);
  } catch (cause) {
    throw new Fault("store.unreachable", "", { cause });
  } finally {
    await probe.end({ timeout: closeTimeoutSeconds });
  }
};

/**
 * The driver asks for the ids of array types on every connection that it opens. When such a connection breaks meanwhile, as many
 * do while Postgres restarts, nobody hears that question fail, and the rejection would end the process. Ids are the same for a
 * whole pool, so they are asked for once, before anything runs.
 */
const learnTypesOnce = async (sql: Sql): Promise<void> => {
  await sql`select 1`;
  Object.assign(sql.options, { fetch_types: false });
};

/**
 * Opens a service's store: a small pool whose search path is its own schema, with time limits on every connection so that
 * a frozen process cannot hold a row lock longer than a lease.
 *
 * @throws Fault `store.unreachable` when Postgres does not answer.
 */
export const openStore = async <Tables>(options: StoreOptions): Promise<Store<Tables>> => {
  const timeoutMs = options.transactionTimeoutMs ?? transactionTimeoutMsDefault;
  const version = await versionOf(options.url);
  const sql = postgres(options.url, {
    max: options.connectionsMax ?? connectionsMaxDefault,
    idle_timeout: idleTimeoutSeconds,
    connect_timeout: connectTimeoutSeconds,
    backoff: (retries: number) =>
      Math.min(reconnectDelaySecondsFirst * 2 ** retries, reconnectDelaySecondsMax),
    types: { bigint: int8 },
    onnotice: () => {},
    connection: {
      application_name: options.name,
      search_path: options.schema,
      TimeZone: "UTC",
      statement_timeout: timeoutMs,
      ...(options.plansOnce === true ? { plan_cache_mode: "force_generic_plan" } : {}),
      idle_in_transaction_session_timeout: timeoutMs,
      ...(version >= firstVersionWithTransactionTimeout ? { transaction_timeout: timeoutMs } : {}),
    },
  }) as unknown as Sql;
  await learnTypesOnce(sql).catch(async (cause: unknown) => {
    await sql.end({ timeout: closeTimeoutSeconds });
    throw new Fault("store.unreachable", "", { cause });
  });
  const db = new Kysely<Tables>({ dialect: poolDialect(sql) });

  return {
    db,
    sql,
    isAnswering: async () => {
      const late = new Promise<false>((resolve) => setTimeout(resolve, answerTimeoutMs, false).unref());
      const answered = sql`select 1`.then(
        () => true,
        () => false,
      );
      return Promise.race([answered, late]);
    },
    close: () => sql.end({ timeout: closeTimeoutSeconds }),
  };
};
