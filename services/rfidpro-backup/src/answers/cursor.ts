import { Fault } from "@tagwire/messages";

/** Where a page of something that is sorted by time ended. */
export type After = { readonly at: string; readonly id: string };

const shape = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) ([0-9a-f-]{36})$/;

export const writeCursor = ({ at, id }: After): string => `${at} ${id}`;

/** @throws Fault `malformed` for text that no page ended with */
export const readCursor = (cursor: string | null): After | undefined => {
  if (cursor === null) return undefined;
  const [, at, id] = shape.exec(cursor) ?? [];
  if (at === undefined || id === undefined) throw new Fault("malformed", "cursor");
  return { at, id };
};

const plain = /^[0-9a-f-]{36}$/;

/** The same of a page that is sorted by ids. @throws Fault `malformed` */
export const readIdCursor = (cursor: string | null): string | undefined => {
  if (cursor === null) return undefined;
  if (!plain.test(cursor)) throw new Fault("malformed", "cursor");
  return cursor;
};

const part = /^(\d{1,6}) ([0-9a-f-]{36})$/;

/** Where a part of a report ended, and with how many signatures the report began. */
export type PartCursor = { readonly signed: number; readonly after: string };

export const writePartCursor = ({ signed, after }: PartCursor): string => `${signed} ${after}`;

/** @throws Fault `malformed` for text that no part ended with */
export const readPartCursor = (cursor: string): PartCursor => {
  const [, signed, after] = part.exec(cursor) ?? [];
  if (signed === undefined || after === undefined) throw new Fault("malformed", "from");
  return { signed: Number(signed), after };
};

const rowsShape = /^([12]) (\d{1,15})$/;

/** Where a page of the rows of an import ended. */
export const writeRowsCursor = ({ part: of, seq }: { readonly part: number; readonly seq: number }): string =>
  `${of} ${seq}`;

/** @throws Fault `malformed` */
export const readRowsCursor = (cursor: string | null): { readonly part: number; readonly seq: number } => {
  if (cursor === null) return { part: 0, seq: 0 };
  const [, of, seq] = rowsShape.exec(cursor) ?? [];
  if (of === undefined || seq === undefined) throw new Fault("malformed", "cursor");
  return { part: Number(of), seq: Number(seq) };
};
