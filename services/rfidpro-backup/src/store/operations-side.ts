import type { By, Item, Position } from "@tagwire/messages";
import type { Sql, Transaction } from "@tagwire/store";
import type { OperationsItem, OperationsScan } from "../actors/operations-scan.ts";

/* What operations' log says of a site, folded as everybody folds it. */

export type KeptItem = OperationsItem & { readonly madeBy: By };

/** Up to where a site's log is here; undefined before anything is. */
export const findFollowed = async (sql: Sql | Transaction, site: string): Promise<Position | undefined> => {
  const [row] = await sql<Position[]>`select epoch, pos from compared_site where site = ${site}`;
  return row;
};

/** Begins a site's log anew: another epoch is another history. */
export const beginFollowing = async (
  transaction: Transaction,
  site: string,
  epoch: number,
): Promise<void> => {
  await transaction`delete from operations_item where site = ${site}`;
  await transaction`delete from operations_scan where site = ${site}`;
  await transaction`
    insert into compared_site (site, epoch, pos) values (${site}, ${epoch}, 0)
    on conflict (site) do update set epoch = excluded.epoch, pos = 0`;
};

export const findKeptItems = async (
  sql: Sql | Transaction,
  site: string,
  tags: readonly string[],
): Promise<Map<string, KeptItem>> => {
  const rows = await sql<{ tag: string; item: Item; touched_at: Date; made_by: By }[]>`
    select tag, item, touched_at, made_by from operations_item where site = ${site} and tag = any(${[...tags]}::text[])`;
  return new Map(
    rows.map((row) => [
      row.tag,
      { item: row.item, touchedAt: row.touched_at.toISOString(), madeBy: row.made_by },
    ]),
  );
};

/** Keeps what a page of the log came to. The position moves only from where it stood, so that two who follow cannot mix. */
export const saveFollowed = async (
  transaction: Transaction,
  site: string,
  page: {
    readonly from: Position;
    readonly to: Position;
    readonly items: readonly KeptItem[];
    readonly scans: readonly OperationsScan[];
  },
): Promise<boolean> => {
  const moved = await transaction`
    update compared_site set pos = ${page.to.pos}
    where site = ${site} and epoch = ${page.from.epoch} and pos = ${page.from.pos}`;
  if (moved.count !== 1) return false;
  const items = page.items.map(({ item, touchedAt, madeBy }) => ({
    ...{ tag: item.tag, item, touched_at: touchedAt, made_by: madeBy },
  }));
  await transaction`
    insert into operations_item (site, tag, item, touched_at, made_by)
    select ${site}, tag, item, touched_at, made_by
    from json_to_recordset(${JSON.stringify(items)}::text::json) as given (tag text, item jsonb, touched_at timestamptz, made_by jsonb)
    on conflict (site, tag) do update set item = excluded.item, touched_at = excluded.touched_at`;
  const scans = page.scans.map((scan) => ({ tag: scan.tag, pos: scan.pos, scan }));
  await transaction`
    insert into operations_scan (site, tag, pos, scan)
    select ${site}, tag, pos, scan
    from json_to_recordset(${JSON.stringify(scans)}::text::json) as given (tag text, pos bigint, scan jsonb)
    on conflict do nothing`;
  return true;
};

export const findScans = async (
  sql: Sql,
  site: string,
  tags: readonly string[],
): Promise<Map<string, OperationsScan[]>> => {
  const rows = await sql<{ tag: string; scan: OperationsScan }[]>`
    select tag, scan from operations_scan where site = ${site} and tag = any(${[...tags]}::text[]) order by tag, pos`;
  const byTag = new Map<string, OperationsScan[]>();
  for (const { tag, scan } of rows) {
    const scans = byTag.get(tag) ?? [];
    scans.push(scan);
    byTag.set(tag, scans);
  }
  return byTag;
};
