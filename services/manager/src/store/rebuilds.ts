import type { Transaction } from "@tagwire/actor";
import type { Position } from "@tagwire/messages";
import type { Reader } from "./rows.ts";

/** From which position on the rows of a site are whole; undefined for one whose rows were never begun. */
export const findRebuild = async (sql: Reader, site: string): Promise<Position | undefined> => {
  const [row] = await sql<Position[]>`select epoch, pos from site_rebuild where site = ${site}`;
  return row;
};

/** The same of every site. */
export const listRebuilds = async (sql: Reader): Promise<ReadonlyMap<string, Position>> => {
  const rows = await sql<({ site: string } & Position)[]>`select site, epoch, pos from site_rebuild`;
  return new Map(rows.map(({ site, epoch, pos }) => [site, { epoch, pos }]));
};

/** Notes that rows of a site are begun anew, and how far the log was then. Safe to repeat. */
export const saveRebuild = async (
  transaction: Transaction,
  site: string,
  { epoch, pos }: Position,
): Promise<void> => {
  await transaction`
    insert into site_rebuild (site, epoch, pos) values (${site}, ${epoch}, ${pos})
    on conflict (site) do update set epoch = excluded.epoch, pos = excluded.pos`;
};
