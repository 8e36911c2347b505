import type { FindingCode } from "@tagwire/messages";
import type postgres from "postgres";
import { busy } from "./test-load.ts";

/** A way in which a store can be wrong: how it is made so, and how an audit has to call it. */
export type SeededFault = {
  readonly name: string;
  readonly code: FindingCode;
  /** Makes it so, and gives what names the thing that is wrong now: the key of the finding. */
  readonly seed: (sql: postgres.Sql) => Promise<string>;
  /** What may be found besides, since it follows from that. */
  readonly also?: readonly FindingCode[];
  /**
   * It is what is left to say when nothing else explains a difference, so whatever else is wrong there is said in its stead; or it is
   * said in the stead of others.
   */
  readonly standsAlone?: true;
};

/** Another fault has taken the thing away on one side: this one is made elsewhere. */
export class GoneMeanwhile extends Error {}

/** Writes past every trigger, as a restored file or a broken disk does. */
export const silently = <T>(
  sql: postgres.Sql,
  write: (transaction: postgres.TransactionSql) => Promise<T>,
): Promise<T> =>
  sql.begin(async (transaction) => {
    await transaction`set local session_replication_role = replica`;
    return write(transaction);
  }) as Promise<T>;

const one = async <T>(rows: Promise<readonly T[]>): Promise<T> => {
  const [row] = await rows;
  // The day may bring one later: a fault that finds nothing in the end is told as one that was never made.
  if (row === undefined) throw new GoneMeanwhile("there is nothing to make wrong");
  return row;
};

export const keyOf = async (rows: Promise<readonly { key: string }[]>): Promise<string> =>
  (await one(rows)).key;

/** What whoever scans meanwhile writes anew: a fault there is put right by the next scan, before anybody has seen it. */
export const busyLike = `%${busy}%`;
const isCalm = (key: string): string => `${key} not like '${busyLike}'`;

const random = (table: string, key: string, where: string): string =>
  `ctid = (select ctid from ${table} where ${where} and ${isCalm(`(${key})`)} order by random() limit 1) returning ${key} as key`;

/** Changes a column of a random row, and gives the row's key. */
export const flip =
  (table: string, column: string, value: string, key: string, where = "true") =>
  (sql: Pick<postgres.Sql, "unsafe">) =>
    keyOf(
      sql.unsafe<{ key: string }[]>(
        `update ${table} set ${column} = ${value} where ${random(table, key, where)}`,
      ),
    );

/** Deletes a random row, and gives its key. */
export const drop =
  (table: string, key: string, where = "true") =>
  (sql: Pick<postgres.Sql, "unsafe">) =>
    keyOf(sql.unsafe<{ key: string }[]>(`delete from ${table} where ${random(table, key, where)}`));

export const text = (value: string) => `'${value}'`;
export const isIn = "status = 'ready'";
/** Of a session: nobody who scans writes to it any more. */
export const isOver = "state = 'closed'";

/**
 * Events that a fault may be made in: the manager has heard them, so that it is the log that lacks one and not the stream, and nobody takes
 * them back: whoever folds a log that is wrong writes what follows from it.
 */
export const isPast = `pos <= (select pos from manager.site_position where site_position.site = event.site)
  and ${isCalm("concat(tag, contract)")}`;
