import { type AsOf, positionText } from "@tagwire/messages";
import type { Column } from "../transfer/export-formats.ts";
import { byCursor, column, type NoteAsOf } from "./export-list.ts";

/** A row of figures with the instant and the position that it is of, since a file is kept longer than what it was asked with. */
export type RowAsOf<Row> = Row & { readonly asOf: string; readonly position: string };

/** The rows of an answer, each with what the answer is of. */
export const rowsAsOf = <Row extends object>(
  answer: Pick<AsOf, "asOf" | "epoch" | "pos">,
  rows: readonly Row[],
): RowAsOf<Row>[] => rows.map((row) => ({ ...row, asOf: answer.asOf, position: positionText(answer) }));

/** The columns of figures, and at their end those that say what each row is of. */
export const columnsAsOf = <Row>(columns: readonly Column<Row>[]): readonly Column<RowAsOf<Row>>[] => [
  ...columns,
  column("asOf", ({ asOf }) => asOf),
  column("position", ({ position }) => position),
];

/** A row of the record with what it is of; an operations of before it said so leaves that out. */
export type RowOfRecord<Row> = Row & Partial<Pick<RowAsOf<object>, "asOf" | "position">>;

/** The columns of a list of the record, and at their end those that say what each row is of. */
export const recordColumns = <Row>(columns: readonly Column<Row>[]): readonly Column<RowOfRecord<Row>>[] => [
  ...columns,
  column("asOf", ({ asOf }) => asOf),
  column("position", ({ position }) => position),
];

type OfRecord = { readonly epoch?: number; readonly pos?: number; readonly asOf?: string };
type RecordPage<Row> = OfRecord & { readonly rows: readonly Row[]; readonly next: string | null };

const positionOf = ({ epoch, pos, asOf }: OfRecord): Pick<AsOf, "asOf" | "epoch" | "pos"> | undefined =>
  epoch === undefined || pos === undefined || asOf === undefined ? undefined : { epoch, pos, asOf };

/** Every page of a list of the record, one after the other, as {@link pagesAsOf} gives those of figures. */
export const recordPages = <Row extends object>(
  note: NoteAsOf,
  ask: (cursor: string | null) => Promise<RecordPage<Row>>,
) =>
  byCursor(async (cursor): Promise<{ rows: readonly RowOfRecord<Row>[]; next: string | null }> => {
    const { rows, next, ...of } = await ask(cursor);
    const at = positionOf(of);
    if (at === undefined) return { rows, next };
    if (cursor === null) note(at);
    return { rows: rowsAsOf(at, rows), next };
  });

type Page<Row> = Pick<AsOf, "asOf" | "epoch" | "pos"> & {
  readonly rows: readonly Row[];
  readonly next: string | null;
};

/** Every page of figures, one after the other: each is of the position at which it was read. What the first is of is noted. */
export const pagesAsOf = <Row extends object>(
  note: NoteAsOf,
  ask: (cursor: string | null) => Promise<Page<Row>>,
) =>
  byCursor(async (cursor) => {
    const answer = await ask(cursor);
    if (cursor === null) note(answer);
    return { rows: rowsAsOf(answer, answer.rows), next: answer.next };
  });
