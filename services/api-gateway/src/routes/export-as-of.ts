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
