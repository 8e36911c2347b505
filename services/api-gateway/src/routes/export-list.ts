import { type AsOf, SiteId } from "@tagwire/messages";
import Type, { type Static, type TObject } from "typebox";
import type { Edge } from "../edge/edge.ts";
import type { Column, Pages } from "../transfer/export-formats.ts";

/** Rows that are asked for at a time; the answer is bounded by its bytes besides. */
export const pageRows = 500;
/** As many as the manager gives at a time. */
export const managerPageRows = 200;

/** Says what the first page of a file is of, before its rows are given: a file without rows has nothing else that says it. */
export type NoteAsOf = (at: Pick<AsOf, "asOf" | "epoch" | "pos">) => void;

/** A list that can be taken out: where it is, what narrows it down, its columns, and where its pages come from. */
export type ExportList = {
  /** Below `/sites/:site`, or below nothing for what is of no site, without `:export`. */
  readonly path: string;
  readonly isOfNoSite?: boolean;
  readonly operationId: string;
  readonly summary: string;
  readonly params: TObject;
  readonly query: TObject;
  readonly columns: readonly Column<never>[];
  readonly pages: (edge: Edge, asked: never, note: NoteAsOf) => Pages<unknown>;
};

/** Declares a list: its pages and columns are checked against each other here. */
export const list = <Row, P extends TObject, Q extends TObject>(declaration: {
  readonly path: string;
  readonly isOfNoSite?: boolean;
  readonly operationId: string;
  readonly summary: string;
  readonly params: P;
  readonly query: Q;
  readonly columns: readonly Column<Row>[];
  readonly pages: (
    edge: Edge,
    asked: { readonly params: Static<P>; readonly query: Static<Q> },
    note: NoteAsOf,
  ) => Pages<Row>;
}): ExportList => declaration as unknown as ExportList;

export const SiteParams = Type.Object({ site: SiteId });

type Given = string | number | null | undefined;
/** A column of that name. */
export const column = <Row>(name: string, of: (row: Row) => Given): Column<Row> => ({
  name,
  of: (row) => of(row) ?? null,
});

/** Every page of a list, one after the other. */
export async function* byCursor<Row>(
  ask: (cursor: string | null) => Promise<{ rows: readonly Row[]; next: string | null }>,
): AsyncGenerator<readonly Row[]> {
  let cursor: string | null = null;
  do {
    const { rows, next }: { rows: readonly Row[]; next: string | null } = await ask(cursor);
    yield rows;
    cursor = next;
  } while (cursor !== null);
}
